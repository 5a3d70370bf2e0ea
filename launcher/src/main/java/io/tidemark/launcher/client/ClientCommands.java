package io.tidemark.launcher.client;

import io.tidemark.launcher.terminal.Terminal;
import java.util.List;
import java.util.function.Supplier;

/** The commands that talk to a server. */
public final class ClientCommands {
  private ClientCommands() {}

  /**
   * What commands are given.
   *
   * @param terminal asked for when there is progress to show: finding out what it is costs a
   *     process
   */
  record Surroundings(Supplier<Terminal> terminal, RefreshWatch.Patience patience) {}

  /** Each is annotated with its name: {@code all().forEach(commandLine::addSubcommand)}. */
  public static List<Object> all() {
    return all(new Surroundings(Terminal::ofProcess, RefreshWatch.Patience.STANDARD));
  }

  static List<Object> all(Surroundings around) {
    return List.of(
        new ApplyCommand(),
        new RefreshCommand(around),
        new StatusCommand(),
        new WatchCommand(around),
        new RefreshAction.Approve(),
        new RefreshAction.Reject(),
        new RefreshAction.Cancel(),
        new RefreshAction.Pause(),
        new RefreshAction.Resume(),
        new HistoryCommand(),
        new ChangesCommand());
  }
}
