package io.tidemark.executor;

import io.tidemark.common.config.TidemarkConfig;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.refresh.RefreshState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Leads one refresh in a JVM of its own. Arguments: home's URL, file of the definition, lanes. */
final class SmallHeap {
  private SmallHeap() {}

  public static void main(String[] arguments) throws Exception {
    var work =
        new TidemarkConfig.Executor(Integer.parseInt(arguments[2]), Duration.ofSeconds(10), 1_000);
    try (var leader = new SoloLeader(PostgresAddress.parse(arguments[0]), work)) {
      var id = leader.request(Files.readString(Path.of(arguments[1])), "ATOMIC");
      var end = leader.lead(id);
      leader.failure(id).ifPresent(System.err::println);
      System.exit(end == RefreshState.SUCCEEDED ? 0 : 1);
    }
  }
}
