package io.tidemark.launcher;

import io.tidemark.common.bus.Codecs;
import io.vertx.core.Vertx;

/**
 * Loads what every command needs, so that the build can keep those classes in an archive that the
 * JVM maps at its start. Not for users.
 */
final class WarmUp {
  private WarmUp() {}

  public static void main(String[] arguments) {
    Tidemark.run("--help");
    var vertx = Vertx.vertx();
    Codecs.register(vertx);
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
