package io.tidemark.meta;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RefreshView;
import io.tidemark.common.refresh.RowCounts;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What a leader counts. Refreshes are counted where they are led, so that a sum over nodes is true.
 */
final class MetaMetrics {
  private static final int MAX_SEEN = 4_096;

  private static final String STAGES =
      """
      SELECT r.table_name, p.stage, count(*) AS vnodes
        FROM tidemark.refreshes r JOIN tidemark.refresh_progress p ON p.refresh_id = r.id
       WHERE r.state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING')
       GROUP BY 1, 2
      """;

  private static final String LAST_SUCCESS =
      """
      SELECT table_name, extract(epoch FROM max(finished_at))::float8 AS at
        FROM tidemark.refreshes
       WHERE state = 'SUCCEEDED'
       GROUP BY table_name
      """;

  private final MeterRegistry meters;
  private final MultiGauge vnodes;
  private final MultiGauge lastSuccess;
  private final Timer barrierLatency;

  /**
   * By refresh. Also of those that ended, because a view that was read before the end may come
   * late.
   */
  private final Map<Long, Seen> seen =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Seen> eldest) {
          return size() > MAX_SEEN;
        }
      };

  MetaMetrics(MeterRegistry meters) {
    this.meters = meters;
    this.vnodes = MultiGauge.builder("tidemark.vnodes").register(meters);
    this.lastSuccess =
        MultiGauge.builder("tidemark.last.success.timestamp.seconds").register(meters);
    this.barrierLatency = Timer.builder("tidemark.barrier.latency").register(meters);
  }

  private record Seen(RowCounts rows, long bytes, int recoveries) {
    static final Seen NOTHING = new Seen(RowCounts.ZERO, 0, 0);

    /** The most of both: what is counted once is not counted again. */
    Seen most(Seen other) {
      return new Seen(
          new RowCounts(
              Math.max(rows.read(), other.rows.read()),
              Math.max(rows.inserted(), other.rows.inserted()),
              Math.max(rows.updated(), other.rows.updated()),
              Math.max(rows.deleted(), other.rows.deleted())),
          Math.max(bytes, other.bytes),
          Math.max(recoveries, other.recoveries));
    }
  }

  void committed(long latencyNanos) {
    barrierLatency.record(latencyNanos, TimeUnit.NANOSECONDS);
    barrier("committed");
  }

  void late() {
    barrier("late");
  }

  void fenced() {
    meters.counter("tidemark.fenced.writes", "role", "meta").increment();
  }

  /**
   * Counts what is new in a view.
   *
   * @param baseline the first look of a new leader: what is there was counted by another
   */
  void saw(RefreshView view, boolean baseline) {
    var looked = new Seen(done(view), view.bytesRead(), view.recoveries().size());
    var before = seen.get(view.id());
    if (before == null) {
      before = baseline ? looked : Seen.NOTHING;
    }
    var now = before.most(looked);
    seen.put(view.id(), now);
    rows(view.table(), "read", now.rows().read() - before.rows().read());
    rows(view.table(), "inserted", now.rows().inserted() - before.rows().inserted());
    rows(view.table(), "updated", now.rows().updated() - before.rows().updated());
    rows(view.table(), "deleted", now.rows().deleted() - before.rows().deleted());
    rows(view.table(), "unchanged", now.rows().unchanged() - before.rows().unchanged());
    add(
        Counter.builder("tidemark.source.bytes").tag("table", view.table()).register(meters),
        now.bytes() - before.bytes());
    for (var recovery :
        view.recoveries()
            .subList(Math.min(before.recoveries(), looked.recoveries()), looked.recoveries())) {
      meters.counter("tidemark.recoveries", "cause", recovery.cause().name()).increment();
    }
  }

  /** Deletes are done at the end or, where the guard skips them or a person rejects them, never. */
  private static RowCounts done(RefreshView view) {
    var rows = view.rows();
    return view.state() == RefreshState.SUCCEEDED
        ? rows
        : new RowCounts(rows.read(), rows.inserted(), rows.updated(), 0);
  }

  /** Counts an end. */
  void ended(RefreshView view) {
    saw(view, false);
    var tags = Tags.of("table", view.table(), "result", view.state().name());
    meters.counter("tidemark.refreshes", tags).increment();
    var started = view.startedAt();
    var finished = view.finishedAt();
    if (started != null && finished != null) {
      Timer.builder("tidemark.refresh.duration")
          .tags(tags)
          .register(meters)
          .record(Duration.between(started, finished));
    }
  }

  /** Reads the gauges' values from Postgres. */
  Future<Void> gauges(SqlClient home) {
    return home.preparedQuery(STAGES)
        .execute()
        .map(
            rows -> {
              var values = new ArrayList<MultiGauge.Row<?>>();
              rows.forEach(
                  row ->
                      values.add(
                          MultiGauge.Row.of(
                              Tags.of(
                                  "table", row.getString("table_name"),
                                  "stage", row.getString("stage")),
                              row.getLong("vnodes"))));
              vnodes.register(values, true);
              return rows;
            })
        .mapEmpty();
  }

  /** Reads when each table last became equal to its source. */
  Future<Void> lastSuccess(SqlClient home) {
    return home.query(LAST_SUCCESS)
        .execute()
        .map(
            rows -> {
              List<MultiGauge.Row<?>> values = new ArrayList<>();
              rows.forEach(
                  row ->
                      values.add(
                          MultiGauge.Row.of(
                              Tags.of("table", row.getString("table_name")), row.getDouble("at"))));
              lastSuccess.register(values, true);
              return rows;
            })
        .mapEmpty();
  }

  /** Forgets gauges that another leader speaks for now. */
  void clear() {
    vnodes.register(List.of(), true);
    lastSuccess.register(List.of(), true);
    seen.clear();
  }

  private void barrier(String result) {
    meters.counter("tidemark.barriers", "result", result).increment();
  }

  private void rows(String table, String op, long count) {
    add(meters.counter("tidemark.rows", "table", table, "op", op), count);
  }

  /** Counters of VNodes that start again fall: a counter that is exported never does. */
  private static void add(Counter counter, long count) {
    if (count > 0) {
      counter.increment((double) count);
    }
  }
}
