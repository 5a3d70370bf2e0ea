package io.tidemark.meta;

import io.vertx.core.VerticleBase;

/**
 * The meta role of a node: leads while it holds the lease, stands by while another does. Deployed
 * successfully once it has tried for the lease the first time; it keeps trying until it is
 * undeployed.
 */
public final class MetaVerticle extends VerticleBase {
  public MetaVerticle(MetaSettings settings) {}
}
