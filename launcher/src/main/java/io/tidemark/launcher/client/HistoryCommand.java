package io.tidemark.launcher.client;

import io.tidemark.launcher.ExitCode;
import io.tidemark.launcher.terminal.RefreshTable;
import java.time.ZoneId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code tidemark history}: the refreshes of a table, newest first. */
@Command(name = "history", description = "Lists the refreshes of a table, newest first.")
final class HistoryCommand extends ClientCommand {
  private static final int LIMIT_MAX = 1_000;

  @Mixin JsonOption output = new JsonOption();

  @Parameters(
      paramLabel = "TABLE",
      description = "Name of the table.",
      showDefaultValue = Visibility.NEVER)
  String table = "";

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "20",
      description = "How many at most, up to 1000.")
  int limit = 20;

  @Override
  public boolean json() {
    return output.json;
  }

  @Override
  int run(Api api) {
    if (limit < 1 || limit > LIMIT_MAX) {
      throw new ParameterException(spec.commandLine(), "--limit is not between 1 and " + LIMIT_MAX);
    }
    var name = Api.encoded(table);
    var refreshes = api.read("/refreshes?limit=" + limit + "&table=" + name).body();
    if (refreshes.isEmpty()) {
      api.read("/tables/" + name);
    }
    if (json()) {
      printJson(refreshes);
      return ExitCode.DONE;
    }
    var lines = new RefreshTable(ZoneId.systemDefault());
    refreshes.forEach(json -> lines.add(ShownRefresh.of(json).view()));
    print(
        refreshes.isEmpty()
            ? new RefreshTable(ZoneId.systemDefault()).addIdle(table).toString()
            : lines.toString());
    return ExitCode.DONE;
  }
}
