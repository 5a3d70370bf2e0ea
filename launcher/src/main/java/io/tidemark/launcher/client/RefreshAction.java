package io.tidemark.launcher.client;

import io.tidemark.launcher.ExitCode;
import io.tidemark.launcher.terminal.RefreshSummary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** A command that changes a refresh: {@code approve}, {@code reject}, {@code cancel}, … */
abstract class RefreshAction extends ClientCommand {
  @Mixin JsonOption output = new JsonOption();

  @Parameters(
      paramLabel = "ID",
      description = "Id of the refresh.",
      showDefaultValue = Visibility.NEVER)
  long refreshId;

  @Override
  public final boolean json() {
    return output.json;
  }

  /** The command's name is the API's verb. */
  @Override
  final int run(Api api) {
    var answer = api.post("/refreshes/" + refreshId + "/" + spec.name());
    var refresh = ShownRefresh.of(answer.body());
    if (json()) {
      printJson(refresh.json());
    }
    say(RefreshSummary.line(refresh.view()) + "\n");
    return ExitCode.DONE;
  }

  @Command(name = "approve", description = "Applies what a refresh found that waits for approval.")
  static final class Approve extends RefreshAction {}

  @Command(name = "reject", description = "Discards what a refresh found that waits for approval.")
  static final class Reject extends RefreshAction {}

  @Command(
      name = "cancel",
      description = "Ends a refresh, also while it is being applied: that is rolled back.")
  static final class Cancel extends RefreshAction {}

  @Command(name = "pause", description = "Stops reading; what is merged stays.")
  static final class Pause extends RefreshAction {}

  @Command(name = "resume", description = "Goes on with a refresh that was paused.")
  static final class Resume extends RefreshAction {}
}
