package io.tidemark.executor;

import io.tidemark.common.home.PostgresAddress;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * Leads one staged refresh in a JVM of its own, until it is killed. Arguments: home's URL, folder,
 * id of the refresh, and the line of file {@code a} at which it reads no further.
 */
final class StagedProcess {
  private StagedProcess() {}

  public static void main(String[] arguments) throws Exception {
    var heldAt = Integer.parseInt(arguments[3]);
    try (var fixture =
        new StagedFixture(Path.of(arguments[1]), PostgresAddress.parse(arguments[0]), () -> {})) {
      fixture.observing(
          (file, line) -> {
            if (file.equals("a") && line == heldAt) {
              hold();
            }
          });
      fixture.leader.lead(Long.parseLong(arguments[2]));
    }
  }

  private static void hold() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
