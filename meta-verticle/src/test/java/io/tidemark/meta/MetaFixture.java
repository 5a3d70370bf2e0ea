package io.tidemark.meta;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemark.common.bus.Address;
import io.tidemark.common.bus.Barrier;
import io.tidemark.common.bus.BarrierAck;
import io.tidemark.common.bus.Codecs;
import io.tidemark.common.bus.Command;
import io.tidemark.common.bus.CommandReply;
import io.tidemark.common.bus.Mutation;
import io.tidemark.common.config.TidemarkConfig;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.refresh.RefreshTrigger;
import io.vertx.core.Vertx;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A meta on a real home, and a test that plays the executor. */
final class MetaFixture implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  static final String DEFINITION =
      """
      {"name": "orders", "target": "public.orders",
       "source": {"type": "postgres", "url": "postgresql://nowhere/db", "table": "public.orders"}}
      """;

  final Vertx vertx = Vertx.vertx();
  final HomeDatabase home;
  private final BlockingQueue<Barrier> barriers = new LinkedBlockingQueue<>();

  MetaFixture() throws Exception {
    home = new HomeDatabase();
    home.execute(
        "INSERT INTO tidemark.tables (name, definition) VALUES ('orders', '" + DEFINITION + "')");
    Codecs.register(vertx);
    vertx.eventBus().<Barrier>consumer(Address.BARRIER, message -> barriers.add(message.body()));
  }

  /** One that has merged some of its only VNode and found these differences. */
  long progressive(String differences) throws Exception {
    home.execute(
        "UPDATE tidemark.tables SET definition = definition || '{\"visibility\": \"progressive\"}'");
    var id = requested();
    plan(id, 1);
    delta(id, differences);
    return id;
  }

  void delta(long id, String differences) throws Exception {
    home.execute(
        "CREATE TABLE tidemark.delta_"
            + id
            + " AS SELECT seq::bigint, op::\"char\" FROM (VALUES "
            + differences
            + ") v(seq, op)");
    home.execute("UPDATE tidemark.refreshes SET plan = '{}' WHERE id = " + id);
  }

  /** When a run of the janitor that begins now is over. */
  void swept() throws Exception {
    home.execute("CREATE TABLE tidemark.load_0 ()");
    home.execute(
        "INSERT INTO tidemark.tables (name, definition) SELECT 'sweep', definition FROM"
            + " tidemark.tables");
    var id =
        ((CommandReply.Done) ask(new Command.Request("sweep", false, RefreshTrigger.MANUAL)))
            .refreshId();
    barrierWith(new Mutation.Start(id, 1));
    ask(new Command.Cancel(id));
    until(() -> home.value("SELECT to_regclass('tidemark.load_0')").isEmpty());
    home.execute("DELETE FROM tidemark.tables WHERE name = 'sweep'");
    home.execute("DELETE FROM tidemark.refreshes WHERE table_name = 'sweep'");
  }

  String deploy(String node, long leaseMillis) throws Exception {
    return deploy(node, leaseMillis, TidemarkConfig.Retention.DEFAULT, new SimpleMeterRegistry());
  }

  String deploy(String node, TidemarkConfig.Retention retention) throws Exception {
    return deploy(node, 5_000, retention, new SimpleMeterRegistry());
  }

  String deploy(
      String node, long leaseMillis, TidemarkConfig.Retention retention, SimpleMeterRegistry meters)
      throws Exception {
    var settings =
        new MetaSettings(
            node,
            home.address,
            new TidemarkConfig.Meta(
                Duration.ofMillis(100), Duration.ofMillis(leaseMillis), retention),
            MetaSettings.LeaseKind.SERVER,
            Optional.empty(),
            meters);
    var id = vertx.deployVerticle(new MetaVerticle(settings)).await(20, TimeUnit.SECONDS);
    return id;
  }

  void plan(long id, int vnodes) throws Exception {
    home.execute(
        "INSERT INTO tidemark.refresh_progress (refresh_id, vnode) SELECT "
            + id
            + ", generate_series(0, "
            + (vnodes - 1)
            + ")");
    home.execute("UPDATE tidemark.refreshes SET plan = '{}' WHERE id = " + id);
  }

  CommandReply request() throws Exception {
    return ask(new Command.Request("orders", false, RefreshTrigger.MANUAL));
  }

  long requested() throws Exception {
    return ((CommandReply.Done) request()).refreshId();
  }

  CommandReply ask(Command command) throws Exception {
    return vertx
        .eventBus()
        .<CommandReply>request(Address.command(number("SELECT term FROM tidemark.leases")), command)
        .await(20, TimeUnit.SECONDS)
        .body();
  }

  void acknowledge(long term, long epoch, @Nullable ErrorReport failure, long refresh) {
    var work = failure == null ? BarrierAck.Work.MERGING : BarrierAck.Work.FAILED;
    var report = new BarrierAck.Report(refresh, 1, work, 1, 0, 0, failure);
    vertx.eventBus().publish(Address.ACK, new BarrierAck(term, epoch, "e1", List.of(report)));
  }

  Barrier barrierWith(Mutation mutation) throws InterruptedException {
    while (true) {
      var barrier = nextBarrier();
      if (barrier.mutations().contains(mutation)) {
        return barrier;
      }
    }
  }

  Barrier barrierAfter(long epoch) throws InterruptedException {
    while (true) {
      var barrier = nextBarrier();
      if (barrier.epoch() > epoch) {
        return barrier;
      }
    }
  }

  Barrier nextBarrier() throws InterruptedException {
    var barrier = barriers.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
    assertThat(barrier).as("a barrier within " + LIMIT).isNotNull();
    return barrier;
  }

  String state(long id) throws Exception {
    return home.value("SELECT state FROM tidemark.refreshes WHERE id = " + id);
  }

  long number(String sql) throws Exception {
    return Long.parseLong(home.value(sql));
  }

  /** Looks again at each barrier: that is when anything can have changed. */
  void until(Callable<Boolean> condition) throws Exception {
    var deadline = System.nanoTime() + LIMIT.toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("within " + LIMIT).isLessThan(deadline);
      barriers.poll(50, TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public void close() throws SQLException, TimeoutException {
    vertx.close().await(20, TimeUnit.SECONDS);
    home.close();
  }
}
