package io.tidemark.meta;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * What fences every write of a leader. Each statement first takes a share lock on the lease row and
 * does nothing where that row no longer says that this node leads in this term: a new leader, which
 * must change that row, waits for the commit or makes the write void.
 */
final class TermFence {
  /** $1: holder, $2: term. Index: leases' primary key. */
  static final String LEADER =
      """
      leader AS (
        SELECT term FROM tidemark.leases
         WHERE name = 'meta' AND holder = $1::text AND term = $2::bigint
           AND expires_at > clock_timestamp()
           FOR SHARE)
      """;

  /** What each statement ends with: whether the leader was one, and how many refreshes changed. */
  static final String OUTCOME =
      """
      SELECT (SELECT count(*) FROM leader) AS led, (SELECT count(*) FROM changed) AS changed
      """;

  private final String holder;
  private final long term;
  private final Runnable refused;

  /**
   * For one term of a node.
   *
   * @param refused called for each write that was refused because this node leads no more
   */
  TermFence(String holder, long term, Runnable refused) {
    this.holder = holder;
    this.term = term;
    this.refused = refused;
  }

  /**
   * Writes.
   *
   * @param sql begins with {@link #LEADER} and ends with {@link #OUTCOME}
   * @param parameters from $3 on
   * @return whether anything changed
   */
  Future<Boolean> write(SqlClient client, String sql, @Nullable Object... parameters) {
    var all = Tuple.of(holder, term);
    for (var parameter : parameters) {
      all.addValue(parameter);
    }
    return client
        .preparedQuery(sql)
        .execute(all)
        .map(
            rows -> {
              var row = rows.iterator().next();
              if (row.getLong("led") == 0) {
                refused.run();
              }
              return row.getLong("changed") > 0;
            });
  }
}
