package io.tidemark.meta;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tidemark.common.bus.Json;
import io.tidemark.common.config.ConfigReader;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.RefreshProgressTable;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RowCounts;
import io.tidemark.meta.core.Loading;
import io.tidemark.meta.core.Policy;
import io.tidemark.meta.core.RefreshRow;
import io.tidemark.meta.core.Trouble;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what a leader decides about. */
final class ActiveRefreshes {
  /**
   * Index: refreshes_one_active, then the primary keys of refresh_progress and refresh_splits,
   * refresh_progress_failed and refresh_splits_failed.
   */
  private static final String READ =
      """
      SELECT r.id, r.table_name, r.state, r.paused, r.dry_run, r.plan IS NOT NULL AS planned,
             r.staged, r.loaded_at IS NOT NULL AS loaded,
             p.splits_total::int AS splits_total, p.splits_completed::int AS splits_completed,
             r.approved, r.attempts, r.snapshot, (extract(epoch FROM r.worked) * 1000)::bigint AS worked_millis,
             r.definition::text AS definition, r.work_owner,
             p.vnodes_total::int AS total, p.vnodes_completed::int AS completed,
             p.executors AS owners, p.rows_read, p.rows_inserted, p.rows_updated, p.rows_deleted,
             f.poisonous, f.failures[1] AS failure,
             CASE WHEN r.work_lost_in = r.attempts THEN r.work_losses ELSE 0 END AS work_losses
        FROM tidemark.refreshes r
        JOIN tidemark.refresh_totals p ON p.refresh_id = r.id
       CROSS JOIN LATERAL (
             SELECT count(*)::int AS poisonous, array_agg(failure::text ORDER BY number) AS failures
               FROM (SELECT vnode AS number, failure
                       FROM tidemark.refresh_progress
                      WHERE refresh_id = r.id AND failure IS NOT NULL AND NOT is_completed
                        AND tried_in = r.attempts AND tries >= $1::int
                        AND (NOT r.staged OR r.loaded_at IS NOT NULL)
                      UNION ALL
                     SELECT split, failure
                       FROM tidemark.refresh_splits
                      WHERE refresh_id = r.id AND failure IS NOT NULL AND NOT is_completed
                        AND tried_in = r.attempts AND tries >= $1::int
                        AND r.staged AND r.loaded_at IS NULL) failed) f
       WHERE r.state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING')
       ORDER BY r.id
      """;

  private final SqlClient home;

  /** By definition: reading one costs. */
  private Map<String, Policy> policies = Map.of();

  ActiveRefreshes(SqlClient home) {
    this.home = home;
  }

  Future<List<RefreshRow>> read() {
    return home.preparedQuery(READ)
        .execute(Tuple.of(RefreshProgressTable.MAX_TRIES))
        .map(
            rows -> {
              var known = new HashMap<String, Policy>();
              var refreshes = new ArrayList<RefreshRow>();
              for (var row : rows) {
                var definition = row.getString("definition");
                var cached = policies.get(definition);
                var policy = cached == null ? policy(definition) : cached;
                known.put(definition, policy);
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

  private static Optional<ErrorReport> failure(@Nullable String json) {
    try {
      return json == null
          ? Optional.empty()
          : Optional.of(Json.MAPPER.readValue(json, ErrorReport.class));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
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
        new Loading(
            row.getBoolean("staged"),
            row.getInteger("splits_total"),
            row.getInteger("splits_completed"),
            row.getBoolean("loaded")),
        row.getInteger("total"),
        row.getInteger("completed"),
        new RowCounts(
            row.getLong("rows_read"),
            row.getLong("rows_inserted"),
            row.getLong("rows_updated"),
            row.getLong("rows_deleted")),
        owners == null ? Set.of() : Set.of(owners),
        Optional.ofNullable(row.getString("work_owner")),
        new Trouble(
            row.getInteger("poisonous"),
            failure(row.getString("failure")),
            row.getInteger("work_losses")));
  }
}
