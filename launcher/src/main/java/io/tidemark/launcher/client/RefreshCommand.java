package io.tidemark.launcher.client;

import io.tidemark.launcher.ExitCode;
import io.tidemark.launcher.terminal.Printable;
import java.util.ArrayList;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark refresh}: asks for a refresh, and waits for its end where that is wanted. */
@Command(
    name = "refresh",
    description = {
      "Refreshes a table. Where its last refresh failed and can be resumed, that one goes on.",
      "Ctrl-C while waiting leaves the refresh to the server."
    })
final class RefreshCommand extends WatchingCommand {
  @Parameters(
      paramLabel = "TABLE",
      description = "Name of the table.",
      showDefaultValue = Visibility.NEVER)
  String table = "";

  @Option(names = "--wait", description = "Show its progress, and wait for its end.")
  boolean wait;

  @Option(
      names = "--dry-run",
      description = "Find the differences and show them; apply nothing unless it is approved.")
  boolean dryRun;

  @Option(
      names = "--full",
      description = "Read the source, also where its version is the one that was refreshed last.")
  boolean full;

  RefreshCommand(ClientCommands.Surroundings around) {
    super(around);
  }

  @Override
  int run(Api api) throws InterruptedException {
    var path = "/tables/" + Api.encoded(table) + "/refreshes" + query();
    var refresh = ShownRefresh.of(api.post(path).body());
    var view = refresh.view();
    if (wait || dryRun) {
      return watch(api, view.id());
    }
    if (json()) {
      printJson(refresh.json());
    }
    say(
        "%1$s: refresh %2$d %3$s; `tidemark watch %2$d%4$s` shows it\n"
            .formatted(
                Printable.line(view.table()),
                view.id(),
                view.recoveries().isEmpty() ? "is requested" : "goes on where it stopped",
                options()));
    return ExitCode.DONE;
  }

  private String query() {
    var wishes = new ArrayList<String>();
    if (dryRun) {
      wishes.add("dryRun=true");
    }
    if (full) {
      wishes.add("full=true");
    }
    return wishes.isEmpty() ? "" : "?" + String.join("&", wishes);
  }
}
