package io.tidemark.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemark.common.bus.Address;
import io.tidemark.common.bus.Barrier;
import io.tidemark.common.bus.BarrierAck;
import io.tidemark.common.bus.Codecs;
import io.tidemark.common.bus.Command;
import io.tidemark.common.bus.CommandReply;
import io.tidemark.common.bus.Mutation;
import io.tidemark.common.config.TidemarkConfig;
import io.tidemark.common.error.ErrorCode;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A meta on a real home; the executor is played by the test. */
@Timeout(60)
class MetaVerticleTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String DEFINITION =
      """
      {"name": "orders", "target": "public.orders",
       "source": {"type": "postgres", "url": "postgresql://nowhere/db", "table": "public.orders"}}
      """;

  private final Vertx vertx = Vertx.vertx();
  private final BlockingQueue<Barrier> barriers = new LinkedBlockingQueue<>();
  private HomeDatabase home;

  @BeforeEach
  void open() throws Exception {
    home = new HomeDatabase();
    home.execute(
        "INSERT INTO tidemark.tables (name, definition) VALUES ('orders', '" + DEFINITION + "')");
    Codecs.register(vertx);
    vertx.eventBus().<Barrier>consumer(Address.BARRIER, message -> barriers.add(message.body()));
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().await(20, TimeUnit.SECONDS);
    home.close();
  }

  @Test
  void aRequestIsOneInsertAndASecondOneNamesTheFirst() throws Exception {
    // Given
    deploy("m1", 5_000);
    // When
    var first = request();
    var second = request();
    // Then
    assertThat(first).isInstanceOf(CommandReply.Done.class);
    var id = ((CommandReply.Done) first).refreshId();
    assertThat(second)
        .isInstanceOfSatisfying(
            CommandReply.Refused.class,
            refused -> {
              assertThat(refused.runningId()).isEqualTo(id);
              assertThat(refused.error().code()).isEqualTo(ErrorCode.ALREADY_REFRESHING);
              assertThat(refused.error().message()).contains("already refreshing (id " + id + ")");
            });
    assertThat(barrierWith(new Mutation.Start(id, 1)).term()).isEqualTo(1);
  }

  @Test
  void aTableThatIsNotKnownIsRefused() throws Exception {
    deploy("m1", 5_000);
    var reply = ask(new Command.Request("nothing", false, RefreshTrigger.MANUAL));
    assertThat(reply)
        .isInstanceOfSatisfying(
            CommandReply.Refused.class,
            refused -> assertThat(refused.error().code()).isEqualTo(ErrorCode.NOT_FOUND));
  }

  @Test
  void epochsRiseFromBarrierToBarrierAndAreCommittedWhenAnswered() throws Exception {
    // Given
    deploy("m1", 5_000);
    var id = requested();
    // When
    var epoch = barrierWith(new Mutation.Start(id, 1)).epoch();
    acknowledge(1, epoch, null, id);
    var next = barrierAfter(epoch);
    acknowledge(1, next.epoch(), null, id);
    // Then
    until(() -> number("SELECT epoch FROM tidemark.refreshes WHERE id = " + id) >= next.epoch());
  }

  @Test
  void aStandbyTakesOverWithAHigherTermWhenTheLeaderLeaves() throws Exception {
    // Given
    var first = deploy("m1", 5_000);
    deploy("m2", 5_000);
    var id = requested();
    // When
    vertx.undeploy(first).await(20, TimeUnit.SECONDS);
    // Then
    until(() -> home.value("SELECT holder FROM tidemark.leases").equals("m2"));
    assertThat(number("SELECT term FROM tidemark.leases")).isEqualTo(2);
    until(() -> number("SELECT term FROM tidemark.refreshes WHERE id = " + id) == 2);
    assertThat(number("SELECT count(*) FROM tidemark.refresh_recoveries")).isZero();
  }

  @Test
  void aLeaderThatLostItsLeaseLeadsNoMoreAndItsSuccessorRecordsTheLoss() throws Exception {
    // Given
    deploy("m1", 1_000);
    var id = requested();
    // When
    home.execute(
        "UPDATE tidemark.leases SET holder = 'zombie', term = term + 1,"
            + " expires_at = clock_timestamp() + interval '300 ms'");
    // Then
    until(() -> home.value("SELECT holder FROM tidemark.leases").equals("m1"));
    assertThat(number("SELECT term FROM tidemark.leases")).isEqualTo(3);
    until(
        () ->
            home.value("SELECT cause FROM tidemark.refresh_recoveries WHERE refresh_id = " + id)
                .equals("LEADER_LOST"));
  }

  @Test
  void aTransactionThatALostExecutorLeftOpenDoesNotHoldUpItsRelease() throws Exception {
    // Given
    deploy("m1", 5_000);
    var id = requested();
    plan(id, 1);
    home.execute("UPDATE tidemark.refresh_progress SET owner = 'gone', generation = 1");
    try (var left = home.address.connect("tidemark " + id + " lane-0 writer");
        var statement = left.createStatement()) {
      left.setAutoCommit(false);
      statement.execute("UPDATE tidemark.refresh_progress SET position = '{1}' WHERE vnode = 0");
      // When it is silent for as long as makes it lost
      until(
          () ->
              home.value(
                      "SELECT executor FROM tidemark.refresh_recoveries WHERE refresh_id = " + id)
                  .equals("gone"));
      // Then
      assertThat(number("SELECT generation FROM tidemark.refresh_progress")).isEqualTo(2);
      assertThat(home.value("SELECT owner || position::text FROM tidemark.refresh_progress"))
          .isEmpty();
      assertThat(number("SELECT term FROM tidemark.leases")).isEqualTo(1);
      assertThatThrownBy(left::commit).isInstanceOf(SQLException.class);
    }
  }

  @Test
  void aFinisherThatIsLostInTheMiddleHoldsUpNobody() throws Exception {
    // Given
    deploy("m1", 5_000);
    var id = requested();
    plan(id, 1);
    home.execute(
        "UPDATE tidemark.refreshes SET state = 'FINISHING', work_owner = 'gone', work_generation = 1");
    try (var left = home.address.connect("tidemark finish " + id);
        var statement = left.createStatement()) {
      left.setAutoCommit(false);
      statement.execute("CREATE TABLE public.applied ()");
      // When it is silent for as long as makes it lost
      until(() -> number("SELECT work_generation FROM tidemark.refreshes") == 2);
      // Then
      assertThatThrownBy(left::commit).isInstanceOf(SQLException.class);
      assertThat(home.value("SELECT to_regclass('public.applied')")).isEmpty();
      assertThat(number("SELECT term FROM tidemark.leases")).isEqualTo(1);
    }
  }

  @Test
  void aSilentOwnersVNodesAreReleasedByGenerationAndTheLossIsRecorded() throws Exception {
    // Given
    deploy("m1", 5_000);
    var id = requested();
    plan(id, 4);
    home.execute(
        "UPDATE tidemark.refresh_progress SET owner = 'gone', generation = 5, is_completed = vnode"
            + " = 0 WHERE refresh_id = "
            + id);
    // When / Then
    until(
        () ->
            number(
                    "SELECT count(*) FROM tidemark.refresh_progress WHERE owner IS NULL AND"
                        + " generation = 6 AND refresh_id = "
                        + id)
                == 3);
    assertThat(
            home.value(
                "SELECT cause || executor || vnodes_completed || vnodes_released FROM"
                    + " tidemark.refresh_recoveries"))
        .isEqualTo("EXECUTOR_LOSTgone13");
    assertThat(number("SELECT generation FROM tidemark.refresh_progress WHERE vnode = 0"))
        .isEqualTo(5);
  }

  @Test
  void aFailedRefreshThatCanBeResumedIsGoneOnWithAtTheNextRequest() throws Exception {
    // Given
    deploy("m1", 5_000);
    var id = requested();
    plan(id, 4);
    home.execute("UPDATE tidemark.refresh_progress SET is_completed = true WHERE vnode < 2");
    var epoch = barrierWith(new Mutation.Start(id, 1)).epoch();
    acknowledge(1, epoch, ErrorReport.of(ErrorCode.SOURCE_UNREACHABLE, "away"), id);
    until(() -> state(id).equals("FAILED"));
    // When
    var reply = request();
    // Then
    assertThat(reply).isEqualTo(new CommandReply.Done(id, true));
    assertThat(state(id)).isEqualTo("REFRESHING");
    assertThat(number("SELECT vnodes_skipped FROM tidemark.refreshes WHERE id = " + id))
        .isEqualTo(2);
    barrierWith(new Mutation.Start(id, 2));
  }

  @ParameterizedTest
  @EnumSource(names = {"SOURCE_KEY_DUPLICATE", "PLAN_OUTDATED"})
  void aRefreshThatFailedForGoodIsNotGoneOnWithAndItsDeltaIsDropped(ErrorCode code)
      throws Exception {
    // Given
    deploy("m1", 5_000);
    var id = requested();
    home.execute("CREATE TYPE tidemark.delta_" + id + "_row AS (c1 bigint)");
    home.execute(
        "CREATE TABLE tidemark.delta_" + id + " (seq bigint, row tidemark.delta_" + id + "_row)");
    var epoch = barrierWith(new Mutation.Start(id, 1)).epoch();
    // When
    acknowledge(1, epoch, ErrorReport.of(code, "no more"), id);
    // Then
    until(() -> state(id).equals("FAILED"));
    until(() -> home.value("SELECT to_regclass('tidemark.delta_" + id + "')").isEmpty());
    assertThat(((CommandReply.Done) request()).refreshId()).isNotEqualTo(id);
  }

  @Test
  void whatAProgressiveRefreshAppliedBeforeItWasCancelledIsAPageOfTheFeed() throws Exception {
    // Given
    deploy("m1", 5_000);
    var id = progressive("(1, 'I'), (2, 'U'), (3, 'D')");
    // When
    ask(new Command.Cancel(id));
    // Then
    assertThat(home.value("SELECT state || feed_last FROM tidemark.refreshes WHERE id = " + id))
        .isEqualTo("CANCELLED2");
    swept();
    assertThat(home.value("SELECT to_regclass('tidemark.delta_" + id + "')")).isNotEmpty();
  }

  @Test
  void whatAProgressiveRefreshAppliedBeforeItFailedIsAPageOfTheFeedOnceItIsNotGoneOnWith()
      throws Exception {
    // Given
    deploy("m1", 5_000);
    var id = progressive("(1, 'I')");
    var epoch = barrierWith(new Mutation.Start(id, 1)).epoch();
    acknowledge(1, epoch, ErrorReport.of(ErrorCode.SOURCE_UNREACHABLE, "away"), id);
    until(() -> state(id).equals("FAILED"));
    assertThat(home.value("SELECT feed_last FROM tidemark.refreshes WHERE id = " + id)).isEmpty();
    // When
    home.execute("UPDATE tidemark.tables SET definition = definition || '{\"key\": [\"other\"]}'");
    var next = requested();
    // Then
    assertThat(next).isNotEqualTo(id);
    assertThat(number("SELECT feed_last FROM tidemark.refreshes WHERE id = " + id)).isEqualTo(1);
    // And what fails for good is one at once
    var good = barrierWith(new Mutation.Start(next, 1)).epoch();
    delta(next, "(2, 'U')");
    acknowledge(1, good, ErrorReport.of(ErrorCode.ROW_REFUSED, "no"), next);
    until(() -> state(next).equals("FAILED"));
    assertThat(number("SELECT feed_last FROM tidemark.refreshes WHERE id = " + next)).isEqualTo(2);
    swept();
    assertThat(home.value("SELECT to_regclass('tidemark.delta_" + id + "')")).isNotEmpty();
  }

  @Test
  void onlyTheNewestRefreshesKeepTheirChangesTheirVNodesAndAPlaceInHistory() throws Exception {
    // Given: twelve that succeeded, each with a page and two VNodes
    home.execute(
        "INSERT INTO tidemark.refreshes (table_name, incarnation, visibility, definition, state,"
            + " feed_last, finished_at) SELECT name, incarnation, 'ATOMIC', definition, 'SUCCEEDED',"
            + " 100 + i, now() FROM tidemark.tables, generate_series(1, 12) i");
    home.execute(
        "INSERT INTO tidemark.refresh_progress (refresh_id, vnode, is_completed, rows_read, bytes_read)"
            + " SELECT id, v, true, id, 7 FROM tidemark.refreshes, generate_series(0, 1) v");
    home.execute("CREATE TABLE tidemark.delta_6 (seq bigint)");
    home.execute("CREATE TABLE tidemark.delta_12 (seq bigint)");
    var before =
        home.value(
            "SELECT string_agg(h::text, ',' ORDER BY refresh_id) FROM tidemark.history h WHERE refresh_id > 4");
    // When
    deploy("m1", new TidemarkConfig.Retention(3, 5, 8));
    swept();
    // Then
    assertThat(home.value("SELECT string_agg(id::text, ',' ORDER BY id) FROM tidemark.refreshes"))
        .isEqualTo("5,6,7,8,9,10,11,12");
    assertThat(
            home.value(
                "SELECT string_agg(DISTINCT refresh_id::text, ',' ORDER BY refresh_id::text) FROM tidemark.refresh_progress"))
        .isEqualTo("10,11,12,8,9");
    assertThat(
            home.value(
                "SELECT string_agg(h::text, ',' ORDER BY refresh_id) FROM tidemark.history h"))
        .isEqualTo(before);
    assertThat(
            home.value(
                "SELECT string_agg(feed_last::text, ',' ORDER BY id) FROM tidemark.refreshes"))
        .isEqualTo("110,111,112");
    assertThat(number("SELECT feed_after FROM tidemark.tables")).isEqualTo(109);
    assertThat(home.value("SELECT to_regclass('tidemark.delta_12')")).isNotEmpty();
    // Superfluous tables are dropped in no order.
    until(() -> home.value("SELECT to_regclass('tidemark.delta_6')").isEmpty());
  }

  @Test
  void deletesThatAreSkippedAreInTheGuardsReportAndNotInTheCounts() throws Exception {
    // Given
    home.execute(
        "UPDATE tidemark.tables SET definition = definition || '{\"guard\": {\"on-trip\":"
            + " \"skip-deletes\"}}'");
    var meters = new SimpleMeterRegistry();
    deploy("m1", 5_000, TidemarkConfig.Retention.DEFAULT, meters);
    var id = requested();
    delta(id, "(1, 'D')");
    plan(id, 1);
    // When
    home.execute(
        "UPDATE tidemark.refresh_progress SET is_completed = true, stage = 'CLEANUP', rows_read = 100,"
            + " rows_deleted = 500");
    // Then
    until(() -> state(id).equals("FINISHING"));
    assertThat(home.value("SELECT guard->>'skipped' FROM tidemark.refreshes")).isEqualTo("500");
    assertThat(home.value("SELECT rows_deleted FROM tidemark.progress")).isEqualTo("0");
    barrierWith(new Mutation.Finish(id, 1));
    until(
        () -> {
          // Whichever barrier is out.
          acknowledge(1, Long.MAX_VALUE, null, id);
          var gauge = meters.find("tidemark.vnodes").tag("stage", "CLEANUP").gauge();
          return gauge != null && gauge.value() == 1;
        });
    home.execute("UPDATE tidemark.refreshes SET state = 'SUCCEEDED', finished_at = now()");
    until(() -> meters.find("tidemark.refreshes").counter() != null);
    assertThat(meters.get("tidemark.rows").tag("op", "read").counter().count()).isEqualTo(100);
    assertThat(meters.get("tidemark.rows").tag("op", "deleted").counter().count()).isZero();
  }

  @Test
  void aTargetThatARefreshOfAnotherTableBeganWithIsWaitedFor() throws Exception {
    // Given
    home.execute("UPDATE tidemark.tables SET target = 'a'");
    deploy("m1", 5_000);
    var id = requested();
    home.execute("UPDATE tidemark.tables SET target = 'b'");
    home.execute(
        "INSERT INTO tidemark.tables (name, definition, target) SELECT 'copy', definition, 'a' FROM"
            + " tidemark.tables");
    // When
    var reply = ask(new Command.Request("copy", false, RefreshTrigger.MANUAL));
    // Then
    assertThat(reply)
        .isInstanceOfSatisfying(
            CommandReply.Refused.class,
            refused -> {
              assertThat(refused.error().code()).isEqualTo(ErrorCode.ALREADY_REFRESHING);
              assertThat(refused.error().message())
                  .contains("table copy", "refresh " + id + " of table orders");
              assertThat(refused.runningId()).isNull();
            });
  }

  @Test
  void whatATableOfTheSameNameFoundBeforeIsDropped() throws Exception {
    // Given
    deploy("m1", 5_000);
    var id = requested();
    home.execute("CREATE TABLE tidemark.delta_" + id + " (seq bigint)");
    acknowledge(
        1,
        barrierWith(new Mutation.Start(id, 1)).epoch(),
        ErrorReport.of(ErrorCode.SOURCE_UNREACHABLE, "away"),
        id);
    until(() -> state(id).equals("FAILED"));
    // When
    home.execute("DELETE FROM tidemark.tables");
    home.execute(
        "INSERT INTO tidemark.tables (name, definition) VALUES ('orders', '" + DEFINITION + "')");
    var next = requested();
    ask(new Command.Cancel(next));
    // Then
    assertThat(next).isNotEqualTo(id);
    until(() -> home.value("SELECT to_regclass('tidemark.delta_" + id + "')").isEmpty());
  }

  @Test
  void cancelEndsARefreshAndFencesItsOwners() throws Exception {
    // Given
    deploy("m1", 5_000);
    var id = requested();
    plan(id, 2);
    home.execute("UPDATE tidemark.refresh_progress SET owner = 'e1', generation = 3");
    // When
    var reply = ask(new Command.Cancel(id));
    // Then
    assertThat(reply).isEqualTo(new CommandReply.Done(id, false));
    assertThat(state(id)).isEqualTo("CANCELLED");
    assertThat(number("SELECT min(generation) FROM tidemark.refresh_progress")).isEqualTo(4);
  }

  @Test
  void aRefreshAskedForInSqlIsStarted() throws Exception {
    deploy("m1", 5_000);
    home.execute("SELECT tidemark.refresh('orders')");
    var id = number("SELECT id FROM tidemark.refreshes");
    barrierWith(new Mutation.Start(id, 1));
  }

  @Test
  void aScheduledTableIsRefreshedWithoutBeingAsked() throws Exception {
    home.execute(
        "UPDATE tidemark.tables SET definition = definition || '{\"schedule\": {\"every\": \"1h\"}}'");
    deploy("m1", 5_000);
    until(() -> home.value("SELECT trigger FROM tidemark.refreshes").equals("SCHEDULE"));
  }

  @Test
  void aScheduledRefreshThatFailedWaitsForItsNextTime() throws Exception {
    // Given
    home.execute(
        "UPDATE tidemark.tables SET definition = definition || '{\"schedule\": {\"every\": \"1h\"}}'");
    home.execute(
        "INSERT INTO tidemark.refreshes (table_name, incarnation, visibility, definition, state,"
            + " requested_at, finished_at, error)"
            + " SELECT name, incarnation, 'ATOMIC', definition, 'FAILED',"
            + " now() - interval '2 h', now(),"
            + " '{\"retryable\": true, \"code\": \"SOURCE_FAILED\"}' FROM tidemark.tables");
    // When
    deploy("m1", 5_000);
    barrierAfter(nextBarrier().epoch() + 15);
    // Then
    assertThat(home.value("SELECT string_agg(state, ',') FROM tidemark.refreshes"))
        .isEqualTo("FAILED");
    // And when its time has come
    home.execute("UPDATE tidemark.refreshes SET finished_at = now() - interval '61 min'");
    until(() -> home.value("SELECT state FROM tidemark.refreshes").equals("REFRESHING"));
  }

  @Test
  void aRefreshThatFailedCanBeGivenUp() throws Exception {
    // Given
    deploy("m1", 5_000);
    var id = requested();
    var epoch = barrierWith(new Mutation.Start(id, 1)).epoch();
    acknowledge(1, epoch, ErrorReport.of(ErrorCode.SOURCE_UNREACHABLE, "away"), id);
    until(() -> state(id).equals("FAILED"));
    // When
    ask(new Command.Cancel(id));
    // Then
    assertThat(state(id)).isEqualTo("CANCELLED");
    assertThat(((CommandReply.Done) request()).refreshId()).isNotEqualTo(id);
  }

  /** One that has merged some of its only VNode and found these differences. */
  private long progressive(String differences) throws Exception {
    home.execute(
        "UPDATE tidemark.tables SET definition = definition || '{\"visibility\": \"progressive\"}'");
    var id = requested();
    plan(id, 1);
    delta(id, differences);
    return id;
  }

  private void delta(long id, String differences) throws Exception {
    home.execute(
        "CREATE TABLE tidemark.delta_"
            + id
            + " AS SELECT seq::bigint, op::\"char\" FROM (VALUES "
            + differences
            + ") v(seq, op)");
    home.execute("UPDATE tidemark.refreshes SET plan = '{}' WHERE id = " + id);
  }

  /** When a run of the janitor that begins now is over. */
  private void swept() throws Exception {
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

  private String deploy(String node, long leaseMillis) throws Exception {
    return deploy(node, leaseMillis, TidemarkConfig.Retention.DEFAULT, new SimpleMeterRegistry());
  }

  private String deploy(String node, TidemarkConfig.Retention retention) throws Exception {
    return deploy(node, 5_000, retention, new SimpleMeterRegistry());
  }

  private String deploy(
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

  @Test
  void aLeaderThatNoExecutorAnswersGivesTheLeaseToOneThatStandsBy() throws Exception {
    // Given
    deploy("m1", 1_000);
    var id = requested();
    // When
    deploy("m2", 1_000);
    // Then
    until(() -> home.value("SELECT holder FROM tidemark.leases").equals("m2"));
    until(() -> number("SELECT term FROM tidemark.refreshes WHERE id = " + id) >= 2);
  }

  private void plan(long id, int vnodes) throws Exception {
    home.execute(
        "INSERT INTO tidemark.refresh_progress (refresh_id, vnode) SELECT "
            + id
            + ", generate_series(0, "
            + (vnodes - 1)
            + ")");
    home.execute("UPDATE tidemark.refreshes SET plan = '{}' WHERE id = " + id);
  }

  private CommandReply request() throws Exception {
    return ask(new Command.Request("orders", false, RefreshTrigger.MANUAL));
  }

  private long requested() throws Exception {
    return ((CommandReply.Done) request()).refreshId();
  }

  private CommandReply ask(Command command) throws Exception {
    return vertx
        .eventBus()
        .<CommandReply>request(Address.command(number("SELECT term FROM tidemark.leases")), command)
        .await(20, TimeUnit.SECONDS)
        .body();
  }

  private void acknowledge(long term, long epoch, @Nullable ErrorReport failure, long refresh) {
    var work = failure == null ? BarrierAck.Work.MERGING : BarrierAck.Work.FAILED;
    var report = new BarrierAck.Report(refresh, 1, work, 1, 0, 0, failure);
    vertx.eventBus().publish(Address.ACK, new BarrierAck(term, epoch, "e1", List.of(report)));
  }

  private Barrier barrierWith(Mutation mutation) throws InterruptedException {
    while (true) {
      var barrier = nextBarrier();
      if (barrier.mutations().contains(mutation)) {
        return barrier;
      }
    }
  }

  private Barrier barrierAfter(long epoch) throws InterruptedException {
    while (true) {
      var barrier = nextBarrier();
      if (barrier.epoch() > epoch) {
        return barrier;
      }
    }
  }

  private Barrier nextBarrier() throws InterruptedException {
    var barrier = barriers.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
    assertThat(barrier).as("a barrier within " + LIMIT).isNotNull();
    return barrier;
  }

  private String state(long id) throws Exception {
    return home.value("SELECT state FROM tidemark.refreshes WHERE id = " + id);
  }

  private long number(String sql) throws Exception {
    return Long.parseLong(home.value(sql));
  }

  /** Looks again at each barrier: that is when anything can have changed. */
  private void until(Callable<Boolean> condition) throws Exception {
    var deadline = System.nanoTime() + LIMIT.toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("within " + LIMIT).isLessThan(deadline);
      barriers.poll(50, TimeUnit.MILLISECONDS);
    }
  }
}
