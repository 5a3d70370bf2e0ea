package io.tidemark.meta;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidemark.common.config.TidemarkConfig;
import io.tidemark.common.home.PostgresAddress;
import java.util.Optional;

/**
 * What a meta is made of.
 *
 * @param nodeId names it in the lease and in messages; unique for each start of a process
 * @param leaseKind what it leads for, so that whoever is kept out knows which command to use
 * @param endpoint URL of this node's frontend, for the same purpose; empty: it has none
 */
public record MetaSettings(
    String nodeId,
    PostgresAddress home,
    TidemarkConfig.Meta timing,
    LeaseKind leaseKind,
    Optional<String> endpoint,
    MeterRegistry meters) {
  /** Names its connections to the home, and tells others there that it stands by. */
  String connectionName() {
    return "tidemark meta " + nodeId;
  }

  /** What holds the leader's lease. */
  public enum LeaseKind {
    SERVER,
    SYNC
  }
}
