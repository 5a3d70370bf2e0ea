package io.tidemark.launcher.client;

import io.tidemark.launcher.ExitCode;
import io.tidemark.launcher.terminal.ErrorText;
import io.tidemark.launcher.terminal.GuardText;
import io.tidemark.launcher.terminal.ProgressView;
import picocli.CommandLine.Mixin;

/** A command that shows a refresh until it rests. */
abstract class WatchingCommand extends ClientCommand {
  @Mixin JsonOption output = new JsonOption();

  private final ClientCommands.Surroundings around;

  WatchingCommand(ClientCommands.Surroundings around) {
    this.around = around;
  }

  @Override
  public final boolean json() {
    return output.json;
  }

  /**
   * Watches.
   *
   * @return the exit code that says how it ended
   */
  final int watch(Api api, long refreshId) throws InterruptedException {
    var progress = ProgressView.of(around.terminal().get());
    var watch = new RefreshWatch(api, progress, around.patience(), refreshId);
    var end = Interruption.saying(() -> progress.note(goesOn(refreshId)), watch::untilRest);
    progress.end(end.view());
    report(end);
    return ExitCode.of(end.view().state());
  }

  /** What a command needs to reach the same server, after a space; "" where nothing. */
  final String options() {
    var options = server.forNextCommand();
    return options.isEmpty() ? "" : " " + options;
  }

  private String goesOn(long refreshId) {
    return "tidemark: refresh %1$d goes on at the server; `tidemark watch %1$d%2$s` shows it again"
        .formatted(refreshId, options());
  }

  private void report(ShownRefresh end) {
    var guard = end.view().guard();
    if (guard != null && end.rests() && end.view().state().active()) {
      say(GuardText.of(end.view(), guard, server.forNextCommand()));
    }
    var error = end.view().error();
    if (error != null) {
      say(ErrorText.of(end.view(), error));
    }
    if (json()) {
      printJson(end.json());
    }
  }
}
