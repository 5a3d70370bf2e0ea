package io.tidemark.common.home;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.tidemark.common.bus.Json;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.refresh.GuardReport;
import io.tidemark.common.refresh.LoadReport;
import io.tidemark.common.refresh.MergeWay;
import io.tidemark.common.refresh.Recovery;
import io.tidemark.common.refresh.RefreshStage;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RefreshTrigger;
import io.tidemark.common.refresh.RefreshView;
import io.tidemark.common.refresh.RowCounts;
import io.tidemark.common.refresh.SplitCounts;
import io.tidemark.common.refresh.Unchanged;
import io.tidemark.common.refresh.VNodeCounts;
import io.tidemark.common.refresh.VNodeView;
import io.tidemark.common.refresh.Visibility;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Reads refreshes as the faces show them. Counters come from view {@code refresh_totals}. */
public final class RefreshViews {
  /** Index: refreshes' primary key or refreshes_by_table, then refresh_progress's primary key. */
  private static final String VIEW =
      """
      SELECT r.id, r.table_name, r.state, r.trigger, r.dry_run, r.paused, r.first_load,
             r.term, r.epoch, r.visibility, r.snapshot, r.vnodes_skipped, r.splits_skipped,
             p.splits_total::int AS splits_total, p.splits_completed::int AS splits_completed,
             CASE WHEN r.staged THEN r.loaded_at IS NULL AND r.plan IS NOT NULL
                  ELSE p.vnodes_completed < p.vnodes_total END AS reading,
             CASE WHEN r.plan IS NOT NULL
                  THEN json_build_object(
                         'way', CASE WHEN r.staged THEN 'STAGED' ELSE 'STREAMING' END,
                         'why', r.plan ->> 'why') END::text AS merge,
             r.load_report::text AS load_report, r.unchanged::text AS unchanged,
             r.guard::text AS guard, r.error::text AS error,
             r.requested_at, r.started_at, r.finished_at,
             p.stage, p.percent::float8 AS percent,
             p.vnodes_total::int AS total, p.vnodes_completed::int AS completed,
             p.rows_read, p.rows_inserted, p.rows_updated, p.rows_deleted, p.bytes_read,
             CASE WHEN r.merging_since IS NULL THEN 0
                  ELSE (p.rows_read - r.merging_rows)
                       / greatest(0.001, extract(epoch FROM coalesce(
                           CASE WHEN r.staged AND r.loaded_at IS NULL THEN NULL
                                WHEN r.staged THEN r.loaded_at
                                WHEN p.vnodes_completed = p.vnodes_total THEN p.last_completed_at
                                END, r.finished_at, now()) - r.merging_since))
             END::float8 AS rows_per_second,
             p.rows_planned,
             coalesce(c.recoveries, '[]')::text AS recoveries
        FROM tidemark.refreshes r
        JOIN tidemark.refresh_totals p ON p.refresh_id = r.id
       CROSS JOIN LATERAL (
             SELECT json_agg(json_build_object(
                      'at', at, 'cause', cause, 'executor', executor, 'stage', stage,
                      'vnodesCompleted', vnodes_completed, 'vnodesReleased', vnodes_released,
                      'splitsCompleted', splits_completed, 'splitsReleased', splits_released,
                      'seconds', round(seconds::numeric, 1))
                      ORDER BY at) AS recoveries
               FROM tidemark.refresh_recoveries
              WHERE refresh_id = r.id) c
      """;

  /** Index: refresh_progress's primary key. */
  private static final String VNODES =
      """
      SELECT vnode, stage, is_completed, lower_bound, upper_bound, position,
             rows_read, rows_inserted, rows_updated, rows_deleted, bytes_read,
             owner, generation, epoch, snapshot, claimed_at, completed_at
        FROM tidemark.refresh_progress
       WHERE refresh_id = $1::bigint
       ORDER BY vnode
      """;

  private static final TypeReference<List<Recovery>> RECOVERIES = new TypeReference<>() {};

  private final SqlClient home;

  public RefreshViews(SqlClient home) {
    this.home = home;
  }

  /** One refresh; empty where there is none of that id. */
  public Future<Optional<RefreshView>> view(long refreshId) {
    return query(VIEW + " WHERE r.id = $1::bigint", Tuple.of(refreshId))
        .map(views -> views.stream().findFirst());
  }

  /** The active refreshes of all tables. */
  public Future<List<RefreshView>> active() {
    return query(
        VIEW
            + """
             WHERE r.state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING')
             ORDER BY r.id
            """,
        Tuple.tuple());
  }

  /** The newest refreshes, newest first: of one table, or of all. */
  public Future<List<RefreshView>> newest(Optional<String> table, int limit) {
    return query(
        VIEW
            + """
             WHERE $1::text IS NULL OR r.table_name = $1::text
             ORDER BY r.id DESC
             LIMIT $2::int
            """,
        Tuple.of(table.orElse(null), limit));
  }

  /** The VNodes of a refresh, in key order. */
  public Future<List<VNodeView>> vnodes(long refreshId) {
    return home.preparedQuery(VNODES)
        .execute(Tuple.of(refreshId))
        .map(rows -> StreamSupport.stream(rows.spliterator(), false).map(this::vnode).toList());
  }

  private Future<List<RefreshView>> query(String sql, Tuple parameters) {
    return home.preparedQuery(sql)
        .execute(parameters)
        .map(rows -> StreamSupport.stream(rows.spliterator(), false).map(this::refresh).toList());
  }

  private RefreshView refresh(Row row) {
    var counts = rowCounts(row);
    var speed = Math.round(row.getDouble("rows_per_second"));
    var state = RefreshState.valueOf(row.getString("state"));
    var completed = row.getInteger("completed");
    var total = row.getInteger("total");
    return new RefreshView(
        row.getLong("id"),
        row.getString("table_name"),
        state,
        RefreshStage.valueOf(row.getString("stage")),
        RefreshTrigger.valueOf(row.getString("trigger")),
        row.getBoolean("dry_run"),
        row.getBoolean("paused"),
        row.getBoolean("first_load"),
        row.getLong("term"),
        row.getLong("epoch"),
        Visibility.valueOf(row.getString("visibility")),
        read(row.getString("merge"), MergeWay.class),
        row.getInteger("snapshot"),
        row.getDouble("percent"),
        eta(state, row.getLong("rows_planned") - counts.read(), speed, row.getBoolean("reading")),
        new SplitCounts(
            row.getInteger("splits_total"),
            row.getInteger("splits_completed"),
            row.getInteger("splits_skipped")),
        new VNodeCounts(total, completed, row.getInteger("vnodes_skipped")),
        counts,
        row.getLong("bytes_read"),
        speed,
        read(row.getString("recoveries"), RECOVERIES),
        read(row.getString("load_report"), LoadReport.class),
        read(row.getString("unchanged"), Unchanged.class),
        read(row.getString("guard"), GuardReport.class),
        read(row.getString("error"), ErrorReport.class),
        instantOf(row, "requested_at"),
        instant(row, "started_at"),
        instant(row, "finished_at"));
  }

  private VNodeView vnode(Row row) {
    return new VNodeView(
        row.getInteger("vnode"),
        RefreshStage.valueOf(row.getString("stage")),
        row.getBoolean("is_completed"),
        key(row, "lower_bound"),
        key(row, "upper_bound"),
        key(row, "position"),
        rowCounts(row),
        row.getLong("bytes_read"),
        row.getString("owner"),
        row.getLong("generation"),
        row.getLong("epoch"),
        row.getInteger("snapshot"),
        instant(row, "claimed_at"),
        instant(row, "completed_at"));
  }

  private static RowCounts rowCounts(Row row) {
    return new RowCounts(
        row.getLong("rows_read"),
        row.getLong("rows_inserted"),
        row.getLong("rows_updated"),
        row.getLong("rows_deleted"));
  }

  private static @Nullable Long eta(
      RefreshState state, long rowsLeft, long rowsPerSecond, boolean reading) {
    if (state != RefreshState.REFRESHING || !reading || rowsPerSecond <= 0) {
      return null;
    }
    return Math.max(0, rowsLeft) / rowsPerSecond;
  }

  private static @Nullable List<String> key(Row row, String column) {
    var values = row.getArrayOfStrings(column);
    return values == null ? null : Arrays.asList(values);
  }

  private static Instant instantOf(Row row, String column) {
    return row.getOffsetDateTime(column).toInstant();
  }

  private static @Nullable Instant instant(Row row, String column) {
    OffsetDateTime value = row.getOffsetDateTime(column);
    return value == null ? null : value.toInstant();
  }

  private static <T> @Nullable T read(@Nullable String json, Class<T> type) {
    try {
      return json == null ? null : Json.MAPPER.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static <T> T read(String json, TypeReference<T> type) {
    try {
      return Json.MAPPER.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
