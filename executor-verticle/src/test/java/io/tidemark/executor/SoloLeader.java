package io.tidemark.executor;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemark.common.bus.Address;
import io.tidemark.common.bus.Barrier;
import io.tidemark.common.bus.BarrierAck;
import io.tidemark.common.bus.Codecs;
import io.tidemark.common.bus.Json;
import io.tidemark.common.bus.Mutation;
import io.tidemark.common.bus.RefreshNews;
import io.tidemark.common.config.ConfigReader;
import io.tidemark.common.config.Secrets;
import io.tidemark.common.config.TidemarkConfig;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.home.RefreshProgressTable;
import io.tidemark.common.home.RefreshWork;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.executor.source.Connectors;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Leads one refresh at a time by hand, so that an executor can be tested without a meta. */
final class SoloLeader implements AutoCloseable {
  private static final int BARRIER_MILLIS = 50;
  private static final int LIMIT_SECONDS = 60;
  private static final int ATTEMPT = 1;

  /** What lanes claim: splits, VNodes. */
  private static final String PIECES =
      "(SELECT refresh_id, split AS piece, is_completed, tries, failure"
          + " FROM tidemark.refresh_splits UNION ALL"
          + " SELECT refresh_id, vnode, is_completed, tries, failure"
          + " FROM tidemark.refresh_progress) pieces";

  private final Vertx vertx = Vertx.vertx();
  private final PostgresAddress own;
  private Connection control;
  private final Map<Long, BarrierAck.Report> reports = new ConcurrentHashMap<>();
  private final LinkedBlockingQueue<Long> news = new LinkedBlockingQueue<>();
  private long epoch;

  SoloLeader(PostgresAddress home, TidemarkConfig.Executor work) throws Exception {
    this(home, home, work);
  }

  /** Whose executor reaches the home at another address. */
  SoloLeader(PostgresAddress own, PostgresAddress home, TidemarkConfig.Executor work)
      throws Exception {
    this(own, settings(home, work));
  }

  /** Whose executor is made of these. */
  SoloLeader(PostgresAddress own, ExecutorSettings settings) throws Exception {
    this.own = own;
    this.control = own.connect("solo leader");
    Codecs.register(vertx);
    vertx
        .eventBus()
        .<BarrierAck>consumer(
            Address.ACK,
            ack -> ack.body().refreshes().forEach(each -> reports.put(each.refreshId(), each)));
    vertx.eventBus().<RefreshNews>consumer(Address.NEWS, hint -> news.add(hint.body().refreshId()));
    vertx.deployVerticle(new ExecutorVerticle(settings)).await(20, TimeUnit.SECONDS);
  }

  /** Whose executor opens its sources by an {@link ObservedConnector}. */
  static SoloLeader observed(
      PostgresAddress home, TidemarkConfig.Executor work, ObservedConnector.Observer observer)
      throws Exception {
    var plain = settings(home, work);
    return new SoloLeader(
        home,
        new ExecutorSettings(
            plain.executorId(),
            plain.home(),
            plain.work(),
            plain.definitions(),
            plain.sources(),
            table -> new ObservedConnector(() -> Connectors.open(table), observer),
            plain.meters()));
  }

  static ExecutorSettings settings(PostgresAddress home, TidemarkConfig.Executor work) {
    return new ExecutorSettings(
        "executor-" + ProcessHandle.current().pid(),
        home,
        work,
        json -> ConfigReader.readTable("test", json),
        source -> Secrets.ofEnvironment().address("", source),
        Connectors::open,
        new SimpleMeterRegistry());
  }

  /** After the home was away. */
  void reconnect() throws SQLException {
    control = own.connect("solo leader");
  }

  /** Asks for a refresh and returns its id. */
  long request(String definition, String visibility) throws SQLException {
    try (var insert =
        control.prepareStatement(
            "INSERT INTO tidemark.refreshes (table_name, visibility, definition, started_at)"
                + " VALUES (?, ?, ?::jsonb, now()) RETURNING id")) {
      insert.setString(1, "t");
      insert.setString(2, visibility);
      insert.setString(3, definition);
      try (var rows = insert.executeQuery()) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  /** Leads it to its end, or to the executor's failure, which ends it FAILED. */
  RefreshState lead(long id) throws Exception {
    return lead(id, () -> {});
  }

  /** Something that happens once, when some of the refresh is merged. */
  interface Interruption {
    void happen() throws Exception;
  }

  /** As {@link #lead(long)}; what happens in between may break anything. */
  RefreshState lead(long id, Interruption everyBarrier) throws Exception {
    return lead(id, everyBarrier, 0);
  }

  /**
   * As {@link #lead(long)}.
   *
   * @param rowsPerSecond throttles the merge; 0: not
   */
  RefreshState lead(long id, Interruption everyBarrier, long rowsPerSecond) throws Exception {
    var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (System.nanoTime() < deadline) {
      var state = state(id);
      switch (state) {
        case REFRESHING -> {
          if (merged(id)) {
            execute("UPDATE tidemark.refreshes SET state = 'FINISHING' WHERE id = " + id);
            barrier(new Mutation.Finish(id, ATTEMPT));
          } else {
            var start = new Mutation.Start(id, ATTEMPT);
            var throttle = new Mutation.Throttle(id, rowsPerSecond);
            if (loaded(id)) {
              barrier(start, throttle, new Mutation.LoadFinish(id));
            } else {
              barrier(start, throttle);
            }
          }
        }
        case FINISHING -> barrier(new Mutation.Finish(id, ATTEMPT));
        default -> {
          return state;
        }
      }
      if (gaveUp(id).isPresent() || (poison(id).isPresent() && nothingElseLeft(id))) {
        end(id);
        return RefreshState.FAILED;
      }
      everyBarrier.happen();
      news.poll(BARRIER_MILLIS, TimeUnit.MILLISECONDS);
    }
    throw new AssertionError("refresh " + id + " did not end: " + reports.get(id));
  }

  /** Why it failed: the executor gave up, or a VNode or split cannot be worked on. */
  Optional<ErrorReport> failure(long id) {
    var gaveUp = gaveUp(id).map(BarrierAck.Report::failure);
    return gaveUp.isPresent() ? gaveUp : poison(id);
  }

  private Optional<BarrierAck.Report> gaveUp(long id) {
    return Optional.ofNullable(reports.get(id))
        .filter(report -> report.work() == BarrierAck.Work.FAILED);
  }

  private Optional<ErrorReport> poison(long id) {
    try (var statement = control.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT failure::text FROM "
                    + PIECES
                    + " WHERE NOT is_completed AND failure IS NOT NULL AND tries >= "
                    + RefreshProgressTable.MAX_TRIES
                    + " AND refresh_id = "
                    + id
                    + " ORDER BY piece LIMIT 1")) {
      return rows.next()
          ? Optional.of(Json.MAPPER.readValue(rows.getString(1), ErrorReport.class))
          : Optional.empty();
    } catch (SQLException | JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private boolean nothingElseLeft(long id) throws SQLException {
    try (var statement = control.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT count(*) FROM "
                    + PIECES
                    + " WHERE NOT is_completed AND tries < "
                    + RefreshProgressTable.MAX_TRIES
                    + " AND refresh_id = "
                    + id)) {
      rows.next();
      return rows.getLong(1) == 0;
    }
  }

  Optional<BarrierAck.Report> report(long id) {
    return Optional.ofNullable(reports.get(id));
  }

  void barrier(Mutation... mutations) {
    vertx.eventBus().publish(Address.BARRIER, new Barrier(1, ++epoch, List.of(mutations)));
  }

  void execute(String sql) throws SQLException {
    try (var statement = control.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws SQLException, TimeoutException {
    vertx.close().await(20, TimeUnit.SECONDS);
    control.close();
  }

  private RefreshState state(long id) throws SQLException {
    return new RefreshWork(id).load(control).orElseThrow().state();
  }

  private void end(long id) throws SQLException {
    execute("UPDATE tidemark.refreshes SET state = 'FAILED', finished_at = now() WHERE id = " + id);
    barrier(new Mutation.Cancel(id));
  }

  private boolean merged(long id) throws SQLException {
    try (var statement = control.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT coalesce(bool_and(p.is_completed AND (NOT r.staged OR r.loaded_at IS NOT"
                    + " NULL)), false) FROM tidemark.refresh_progress p JOIN tidemark.refreshes r"
                    + " ON r.id = p.refresh_id WHERE r.id = "
                    + id)) {
      rows.next();
      return rows.getBoolean(1);
    }
  }

  private boolean loaded(long id) throws SQLException {
    try (var statement = control.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT staged AND NOT EXISTS (SELECT FROM tidemark.refresh_splits"
                    + " WHERE refresh_id = r.id AND NOT is_completed)"
                    + " FROM tidemark.refreshes r WHERE id = "
                    + id)) {
      rows.next();
      return rows.getBoolean(1);
    }
  }
}
