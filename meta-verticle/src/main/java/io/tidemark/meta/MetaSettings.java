package io.tidemark.meta;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidemark.common.config.TidemarkConfig;
import io.tidemark.common.home.PostgresAddress;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What a meta is made of.
 *
 * @param nodeId names it in the lease and in messages; unique for each start of a process
 * @param leaseKind what it leads for, so that whoever is kept out knows which command to use
 * @param renewed tables whose unfinished refreshes it gives up at its beginning, where their
 *     definitions have changed in more than policy since
 * @param clusterNodes ids of the nodes that the cluster sees, which is a hint; called when it
 *     begins to lead, must not block
 * @param endpoint URL of this node's frontend, for the same purpose; empty: it has none
 */
public record MetaSettings(
    String nodeId,
    PostgresAddress home,
    TidemarkConfig.Meta timing,
    LeaseKind leaseKind,
    Optional<String> endpoint,
    MeterRegistry meters,
    Set<String> renewed,
    Supplier<Set<String>> clusterNodes) {
  public MetaSettings {
    renewed = Set.copyOf(renewed);
  }

  /** One that goes on with whatever it finds. */
  public MetaSettings(
      String nodeId,
      PostgresAddress home,
      TidemarkConfig.Meta timing,
      LeaseKind leaseKind,
      Optional<String> endpoint,
      MeterRegistry meters) {
    this(nodeId, home, timing, leaseKind, endpoint, meters, Set.of(), Set::of);
  }

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
