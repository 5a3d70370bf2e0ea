package io.tidemark.common.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The configuration file, read and checked as far as it can be without a connection.
 *
 * @param file where it was read from, as the user named it; every message names it
 * @param home URL of the home Postgres; empty: an embedded one
 * @param cluster how its nodes find each other; empty: one node, alone
 */
public record TidemarkConfig(
    String file,
    Optional<String> home,
    Server server,
    Executor executor,
    Meta meta,
    Optional<ClusterConfig> cluster,
    List<TableDefinition> tables) {
  public TidemarkConfig {
    tables = List.copyOf(tables);
  }

  /** Without what might hold a secret. */
  @Override
  public String toString() {
    return "TidemarkConfig[" + file + "]";
  }

  /** Where the frontend listens. Port 0: any free one. */
  public record Server(String host, int port) {
    public static final Server DEFAULT = new Server("127.0.0.1", 7070);
  }

  /**
   * How an executor works.
   *
   * @param lanes streams of work, each with three connections to the databases
   * @param retryFor how long a lane keeps trying to reach a source or home that is away
   * @param chunkRows differences in one transaction, at most
   */
  public record Executor(int lanes, Duration retryFor, int chunkRows) {
    public static final Executor DEFAULT =
        new Executor(
            // One more than processors: while a lane opens its next VNode, the others read.
            Math.clamp(Runtime.getRuntime().availableProcessors() + 1L, 3, 8),
            Duration.ofSeconds(30),
            10_000);
  }

  /**
   * How meta leads.
   *
   * @param barrierInterval time between two barriers
   * @param lease how long a leader that is silent stays leader
   * @param retention what it leaves of refreshes that have ended
   */
  public record Meta(Duration barrierInterval, Duration lease, Retention retention) {
    public static final Meta DEFAULT = new Meta(Duration.ofSeconds(1), Duration.ofSeconds(5));

    public Meta(Duration barrierInterval, Duration lease) {
      this(barrierInterval, lease, Retention.DEFAULT);
    }
  }

  /**
   * How many of a table's newest refreshes keep what.
   *
   * @param changes of those that changed something: their pages of the change feed
   * @param vnodes of those that ended: how each VNode went; the sums stay
   * @param history all that is known of them
   */
  public record Retention(int changes, int vnodes, int history) {
    public static final Retention DEFAULT = new Retention(64, 100, 10_000);
  }
}
