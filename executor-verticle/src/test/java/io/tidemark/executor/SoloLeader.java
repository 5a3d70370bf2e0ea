package io.tidemark.executor;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemark.common.bus.Address;
import io.tidemark.common.bus.Barrier;
import io.tidemark.common.bus.BarrierAck;
import io.tidemark.common.bus.Codecs;
import io.tidemark.common.bus.Mutation;
import io.tidemark.common.bus.RefreshNews;
import io.tidemark.common.config.ConfigReader;
import io.tidemark.common.config.TidemarkConfig;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.home.RefreshWork;
import io.tidemark.common.refresh.RefreshState;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Leads one refresh at a time by hand, so that an executor can be tested without a meta. */
final class SoloLeader implements AutoCloseable {
  private static final int BARRIER_MILLIS = 200;
  private static final int LIMIT_SECONDS = 120;

  private final Vertx vertx = Vertx.vertx();
  private final PostgresAddress home;
  private final Connection control;
  private final Map<Long, BarrierAck.Report> reports = new ConcurrentHashMap<>();
  private final LinkedBlockingQueue<Long> news = new LinkedBlockingQueue<>();
  private long epoch;

  SoloLeader(PostgresAddress home, TidemarkConfig.Executor work) throws Exception {
    this.home = home;
    this.control = home.connect("solo leader");
    Codecs.register(vertx);
    vertx
        .eventBus()
        .<BarrierAck>consumer(
            Address.ACK,
            ack -> ack.body().refreshes().forEach(each -> reports.put(each.refreshId(), each)));
    vertx.eventBus().<RefreshNews>consumer(Address.NEWS, hint -> news.add(hint.body().refreshId()));
    var settings =
        new ExecutorSettings(
            "executor-" + ProcessHandle.current().pid(),
            home,
            work,
            json -> ConfigReader.readTable("test", json),
            source -> PostgresAddress.parse(source.url(), source.user(), source.password()),
            new SimpleMeterRegistry());
    vertx.deployVerticle(new ExecutorVerticle(settings)).await(20, TimeUnit.SECONDS);
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

  /** Leads it to its end, or to the executor's failure. */
  RefreshState lead(long id) throws Exception {
    var work = new RefreshWork(id);
    for (var i = 0; i < LIMIT_SECONDS * 1000 / BARRIER_MILLIS; i++) {
      var row = work.load(control).orElseThrow();
      switch (row.state()) {
        case REFRESHING -> {
          if (row.plan().isPresent() && merged(id)) {
            execute("UPDATE tidemark.refreshes SET state = 'FINISHING' WHERE id = " + id);
            barrier(new Mutation.Finish(id, 1));
          } else {
            barrier(new Mutation.Start(id, 1));
          }
        }
        case FINISHING -> barrier(new Mutation.Finish(id, 1));
        default -> {
          return row.state();
        }
      }
      if (failure(id).isPresent()) {
        return RefreshState.FAILED;
      }
      news.poll(BARRIER_MILLIS, TimeUnit.MILLISECONDS);
    }
    throw new AssertionError("refresh " + id + " did not end");
  }

  Optional<BarrierAck.Report> failure(long id) {
    return Optional.ofNullable(reports.get(id)).filter(report -> report.failure() != null);
  }

  @Override
  public void close() throws Exception {
    vertx.close().await(20, TimeUnit.SECONDS);
    control.close();
  }

  private void barrier(Mutation mutation) {
    vertx.eventBus().publish(Address.BARRIER, new Barrier(1, ++epoch, List.of(mutation)));
  }

  private boolean merged(long id) throws SQLException {
    try (var statement = control.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT bool_and(is_completed) FROM tidemark.refresh_progress WHERE refresh_id = "
                    + id)) {
      rows.next();
      return rows.getBoolean(1);
    }
  }

  private void execute(String sql) throws SQLException {
    try (var statement = control.createStatement()) {
      statement.execute(sql);
    }
  }

  public static void main(String[] arguments) throws Exception {
    var home = PostgresAddress.parse("postgresql://postgres@127.0.0.1:55432/warehouse");
    io.tidemark.common.home.HomeSchema.migrate(home);
    var lanes = Integer.parseInt(arguments[0]);
    var definition = arguments[1];
    try (var leader =
        new SoloLeader(
            home, new TidemarkConfig.Executor(lanes, java.time.Duration.ofSeconds(10), 10_000))) {
      for (var i = 0; i < 4; i++) {
        var start = System.nanoTime();
        var id = leader.request(definition, "ATOMIC");
        var end = leader.lead(id);
        System.out.printf(
            "%d %s %d ms %s%n",
            id, end, (System.nanoTime() - start) / 1_000_000, leader.failure(id));
      }
    }
    System.exit(0);
  }
}
