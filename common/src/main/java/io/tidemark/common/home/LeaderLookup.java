package io.tidemark.common.home;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.Optional;

/**
 * Who leads, as the lease says: the bus may still know a leader that is paused or cut off, so
 * whoever asks a leader for something asks the home first in which term it must be.
 */
public final class LeaderLookup {
  /** Index: leases' primary key. */
  private static final String LEADER =
      """
      SELECT holder, term, endpoint
        FROM tidemark.leases
       WHERE name = 'meta' AND expires_at > clock_timestamp()
      """;

  private final SqlClient home;

  public LeaderLookup(SqlClient home) {
    this.home = home;
  }

  /**
   * The holder of the lease.
   *
   * @param node its id
   * @param endpoint URL of its frontend; empty: it has none
   */
  public record Leader(String node, long term, Optional<String> endpoint) {}

  /** Empty where nobody leads at the moment. */
  public Future<Optional<Leader>> leader() {
    return home.preparedQuery(LEADER)
        .execute()
        .map(
            rows ->
                rows.size() == 0
                    ? Optional.empty()
                    : Optional.of(
                        new Leader(
                            rows.iterator().next().getString("holder"),
                            rows.iterator().next().getLong("term"),
                            Optional.ofNullable(rows.iterator().next().getString("endpoint")))));
  }
}
