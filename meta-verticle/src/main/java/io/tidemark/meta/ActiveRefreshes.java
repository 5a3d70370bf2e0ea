package io.tidemark.meta;

import io.tidemark.common.config.ConfigReader;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RowCounts;
import io.tidemark.meta.core.Policy;
import io.tidemark.meta.core.RefreshRow;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Reads what a leader decides about. */
final class ActiveRefreshes {
  /** Index: refreshes_one_active, then refresh_progress's primary key. */
  private static final String READ =
      """
      SELECT r.id, r.table_name, r.state, r.paused, r.dry_run, r.plan IS NOT NULL AS planned,
             r.approved, r.attempts, r.snapshot, (extract(epoch FROM r.worked) * 1000)::bigint AS worked_millis,
             r.definition::text AS definition, r.work_owner,
             p.total, p.completed, p.owners,
             p.rows_read, p.rows_inserted, p.rows_updated, p.rows_deleted
        FROM tidemark.refreshes r
       CROSS JOIN LATERAL (
             SELECT count(*)::int AS total,
                    (count(*) FILTER (WHERE is_completed))::int AS completed,
                    array_agg(DISTINCT owner) FILTER (WHERE owner IS NOT NULL AND NOT is_completed)
                      AS owners,
                    coalesce(sum(rows_read), 0)::bigint AS rows_read,
                    coalesce(sum(rows_inserted), 0)::bigint AS rows_inserted,
                    coalesce(sum(rows_updated), 0)::bigint AS rows_updated,
                    coalesce(sum(rows_deleted), 0)::bigint AS rows_deleted
               FROM tidemark.refresh_progress
              WHERE refresh_id = r.id) p
       WHERE r.state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING')
       ORDER BY r.id
      """;

  private final SqlClient home;

  /** By refresh: a definition is frozen when the refresh is asked for, and reading it costs. */
  private Map<Long, Policy> policies = Map.of();

  ActiveRefreshes(SqlClient home) {
    this.home = home;
  }

  Future<List<RefreshRow>> read() {
    return home.preparedQuery(READ)
        .execute(Tuple.tuple())
        .map(
            rows -> {
              var known = new HashMap<Long, Policy>();
              var refreshes = new ArrayList<RefreshRow>();
              for (var row : rows) {
                var id = row.getLong("id");
                var cached = policies.get(id);
                var policy = cached == null ? policy(row.getString("definition")) : cached;
                known.put(id, policy);
                refreshes.add(refresh(row, policy));
              }
              policies = known;
              return refreshes;
            });
  }

  /** One that cannot be read, such as for want of a variable, must not stop the other tables. */
  private static Policy policy(String definition) {
    try {
      return policy(ConfigReader.readTable("stored definition", definition));
    } catch (TidemarkException e) {
      return Policy.unreadable(e.report());
    }
  }

  private static Policy policy(TableDefinition table) {
    return new Policy(
        table.guard(),
        table.timeout().map(Duration::toMillis).map(OptionalLong::of).orElse(OptionalLong.empty()),
        table.rowsPerSecond().map(OptionalLong::of).orElse(OptionalLong.empty()));
  }

  private static RefreshRow refresh(Row row, Policy policy) {
    var owners = row.getArrayOfStrings("owners");
    return new RefreshRow(
        row.getLong("id"),
        RefreshState.valueOf(row.getString("state")),
        row.getBoolean("paused"),
        row.getBoolean("dry_run"),
        row.getBoolean("planned"),
        row.getBoolean("approved"),
        row.getInteger("attempts"),
        row.getInteger("snapshot"),
        row.getLong("worked_millis"),
        policy,
        row.getInteger("total"),
        row.getInteger("completed"),
        new RowCounts(
            row.getLong("rows_read"),
            row.getLong("rows_inserted"),
            row.getLong("rows_updated"),
            row.getLong("rows_deleted")),
        owners == null ? Set.of() : Set.of(owners),
        Optional.ofNullable(row.getString("work_owner")));
  }
}
