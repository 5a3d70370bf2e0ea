package io.tidemark.launcher.client;

import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Parameters;

/** {@code tidemark watch}: shows a refresh until it ends or waits for approval. */
@Command(name = "watch", description = "Shows a refresh until it ends or waits for approval.")
final class WatchCommand extends WatchingCommand {
  @Parameters(
      paramLabel = "ID",
      description = "Id of the refresh.",
      showDefaultValue = Visibility.NEVER)
  long refreshId;

  WatchCommand(ClientCommands.Surroundings around) {
    super(around);
  }

  @Override
  int run(Api api) throws InterruptedException {
    return watch(api, refreshId);
  }
}
