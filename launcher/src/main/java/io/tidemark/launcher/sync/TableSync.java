package io.tidemark.launcher.sync;

import io.tidemark.common.bus.Command;
import io.tidemark.common.bus.CommandReply;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.RefreshViews;
import io.tidemark.common.refresh.GuardReport;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RefreshTrigger;
import io.tidemark.common.refresh.RefreshView;
import io.tidemark.launcher.node.Node;
import io.tidemark.launcher.terminal.ProgressView;
import java.time.Duration;
import java.util.Optional;

/** Refreshes one table, or decides about a refresh of it that waits. */
final class TableSync {
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(30);

  private final Leader leader;
  private final RefreshViews views;
  private final RefreshWatch watch;
  private final ProgressView progress;

  TableSync(Leader leader, RefreshViews views, RefreshWatch watch, ProgressView progress) {
    this.leader = leader;
    this.views = views;
    this.watch = watch;
    this.progress = progress;
  }

  /** What to do with the table. */
  enum Wish {
    REFRESH,
    DRY_RUN,
    APPROVE,
    REJECT
  }

  TableOutcome run(String table, Wish wish) {
    return switch (wish) {
      case REFRESH -> refresh(table, false);
      case DRY_RUN -> refresh(table, true);
      case APPROVE -> decide(table, true);
      case REJECT -> decide(table, false);
    };
  }

  private TableOutcome refresh(String table, boolean dryRun) {
    return switch (leader.ask(new Command.Request(table, dryRun, RefreshTrigger.MANUAL))) {
      case CommandReply.Done done -> {
        if (done.resumed()) {
          view(done.refreshId()).ifPresent(this::sayResumed);
        }
        yield watch.untilRest(table, done.refreshId(), RefreshState.SUCCEEDED);
      }
      case CommandReply.Refused refused -> {
        var running = refused.runningId();
        yield running == null
            ? new TableOutcome.Refused(refused.error())
            : goOn(table, dryRun, running);
      }
    };
  }

  /** A refresh that an earlier run began. A dry run is only ever a look: it makes way. */
  private TableOutcome goOn(String table, boolean dryRun, long running) {
    var found = view(running);
    if (found.isPresent() && found.get().state() != RefreshState.AWAITING_APPROVAL) {
      sayResumed(found.get());
    }
    var outcome = watch.untilRest(table, running, RefreshState.SUCCEEDED);
    if (outcome instanceof TableOutcome.Rested rested && isDryRun(rested.view())) {
      progress.note("the dry run that waits (refresh " + running + ") is discarded");
      return leader.ask(new Command.Reject(running)) instanceof CommandReply.Refused refused
          ? new TableOutcome.Refused(refused.error())
          : refresh(table, dryRun);
    }
    return outcome;
  }

  private TableOutcome decide(String table, boolean approve) {
    var waiting =
        Node.await(views.active(), READ_TIMEOUT).stream()
            .filter(view -> view.table().equals(table))
            .filter(view -> view.state() == RefreshState.AWAITING_APPROVAL)
            .findFirst();
    if (waiting.isEmpty()) {
      return new TableOutcome.Refused(
          ErrorReport.of(
                  ErrorCode.ILLEGAL_STATE, "table " + table + ": no refresh waits for approval")
              .withHint("Run the command without --approve and --reject to refresh it."));
    }
    long id = waiting.get().id();
    var command = approve ? new Command.Approve(id) : new Command.Reject(id);
    return leader.ask(command) instanceof CommandReply.Refused refused
        ? new TableOutcome.Refused(refused.error())
        : watch.untilRest(table, id, approve ? RefreshState.SUCCEEDED : RefreshState.REJECTED);
  }

  private void sayResumed(RefreshView view) {
    progress.note(
        "%s: resuming refresh %d: %d of %d VNodes are complete and skipped"
            .formatted(view.table(), view.id(), view.vnodes().completed(), view.vnodes().total()));
  }

  private Optional<RefreshView> view(long id) {
    return Node.await(views.view(id), READ_TIMEOUT);
  }

  private static boolean isDryRun(RefreshView view) {
    return view.state() == RefreshState.AWAITING_APPROVAL
        && view.guard() != null
        && (view.dryRun() || view.guard().reason() == GuardReport.Reason.DRY_RUN);
  }
}
