package io.tidemark.frontend;

import io.vertx.core.VerticleBase;

/** The frontend role of a node. */
public final class FrontendVerticle extends VerticleBase {
  public FrontendVerticle(FrontendSettings settings) {}

  /** The port it listens on; known once it is deployed. */
  public int port() {
    return 0;
  }
}
