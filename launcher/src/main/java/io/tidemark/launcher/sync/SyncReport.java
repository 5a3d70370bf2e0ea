package io.tidemark.launcher.sync;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tidemark.common.bus.Json;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RefreshView;
import io.tidemark.launcher.terminal.ErrorText;
import io.tidemark.launcher.terminal.Figures;
import io.tidemark.launcher.terminal.GuardText;
import java.io.PrintStream;
import java.util.List;

/** What a sync says when it is over: to a person on stderr, to a program on stdout. */
final class SyncReport {
  private final String file;
  private final String again;

  /**
   * @param file the configuration, as the user named it
   * @param again the option with which an interrupted command goes on; "" where none
   */
  SyncReport(String file, String again) {
    this.file = file;
    this.again = again.isEmpty() ? "" : " " + again;
  }

  /** How it went with one table, and how to go on from there. */
  void show(TableOutcome outcome, PrintStream err) {
    switch (outcome) {
      case TableOutcome.Rested rested -> show(rested.view(), err);
      case TableOutcome.Refused refused -> err.print(ErrorText.of(refused.error()));
      case TableOutcome.Interrupted interrupted -> {
        err.println(
            interrupted
                .view()
                .map(
                    view ->
                        "%s: interrupted: refresh %d is at %s, %d of %d VNodes are complete"
                            .formatted(
                                view.table(),
                                view.id(),
                                Figures.percent(view.percent()),
                                view.vnodes().completed(),
                                view.vnodes().total()))
                .orElse(interrupted.table() + ": interrupted before it was begun"));
        err.println("Next: `" + command(interrupted.table()) + again + "` goes on from there.");
      }
    }
  }

  private void show(RefreshView view, PrintStream err) {
    var error = view.error();
    var guard = view.guard();
    if (error != null) {
      err.print(ErrorText.of(view, error));
    } else if (guard != null && view.state() == RefreshState.AWAITING_APPROVAL) {
      err.print(
          GuardText.of(
              view,
              guard,
              command(view.table()) + " --approve",
              command(view.table()) + " --reject"));
    }
  }

  /** One object for one table, else an array. */
  static String json(List<TableOutcome> outcomes) {
    var all = outcomes.stream().map(TableOutcome::json).toList();
    try {
      return Json.MAPPER
          .writerWithDefaultPrettyPrinter()
          .writeValueAsString(all.size() == 1 ? all.getFirst() : all);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Refreshes a table. */
  String command(String table) {
    return "tidemark sync -f " + file + " " + table;
  }
}
