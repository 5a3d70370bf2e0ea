package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.refresh.RecoveryCause;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RefreshView;
import io.tidemark.suite.FailureCase.Fault;
import io.tidemark.suite.FailureCase.Moment;
import io.tidemark.suite.FailureCase.Victim;
import io.tidemark.toxiproxy.harness.Node;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One case from the start of its nodes to its checks. */
final class FailureRun implements AutoCloseable {
  private static final int ROWS = 4_000;
  static final int VNODES = 32;

  /** From three quarters on, where a refresh is struck at its end. */
  private static final int LAST_ROWS_PER_SECOND = 50;

  /** Above the lease (2 s) and the patience with a silent executor (3 s). */
  private static final long FAULT_NANOS = TimeUnit.SECONDS.toNanos(4);

  private static final Duration LATENCY = Duration.ofMillis(60);

  private final FailureCase it;
  private final OwnPostgres source;
  private final Optional<OwnPostgres> ownHome;
  private final StatementLog statements;
  private final Databases databases;
  private final FailureCluster nodes;
  private final FailureWatch watch;
  private long sourceRows;
  private Optional<Connection> lock = Optional.empty();
  private Optional<Struck> struck = Optional.empty();

  /**
   * The node that is struck, as it was then.
   *
   * @param works whether it has VNodes, or plans or finishes
   * @param err what it had written by then
   * @param fencedWrites that it had counted by then
   */
  private record Struck(Node node, boolean works, int err, double fencedWrites) {
    boolean hasMeta() {
      return node.name().equals("a") || node.name().equals("b");
    }

    /** Whether it has said this since. */
    boolean says(String text) {
      return node.err().substring(err).contains(text);
    }
  }

  FailureRun(FailureCase it, Path folder) throws Exception {
    this.it = it;
    source = new OwnPostgres(folder, StatementLog.SETTINGS);
    ownHome =
        it.victim() == Victim.HOME
                && it.fault() != Fault.CUT_FROM_EVERYTHING
                && it.fault() != Fault.SLOW_LINK
            ? Optional.of(new OwnPostgres(folder))
            : Optional.empty();
    databases =
        new Databases(source.port(), ownHome.map(OwnPostgres::port).orElse(Databases.sharedPort()));
    statements = new StatementLog(source, databases.source);
    watch = new FailureWatch(databases.homeAddress);
    nodes =
        new FailureCluster(databases, folder, it.visibility(), rowsPerSecond(it), it.isIsolated());
    fill();
  }

  /** One that is only cut off from the bus reads on: what is left must last until it is missed. */
  private static int rowsPerSecond(FailureCase it) {
    return it.fault() == Fault.CUT_FROM_BUS ? 250 : 800;
  }

  private void fill() throws SQLException {
    for (var side : List.of(databases.source, watch.home())) {
      Databases.execute(
          side,
          "CREATE TABLE public.t (id bigint PRIMARY KEY, v1 text, v2 int, v3 int, v4 int, v5 int, v6 int, v7 int)",
          "INSERT INTO public.t SELECT i, repeat(md5(i::text), 10), i, 1, 2, 3, 4, 5 FROM generate_series(1, "
              + ROWS
              + ") i");
    }
    Databases.execute(
        databases.source,
        "UPDATE public.t SET v1 = v1 || 'new' WHERE id % 10 = 1",
        // Above the guard's 100 rows and fifth of the table where it must ask.
        "DELETE FROM public.t WHERE id % 10 "
            + (it.moment().isAsked() ? "IN (3, 5, 7)" : "= 3 AND id % 50 = 3"),
        "INSERT INTO public.t SELECT i, 'new', i FROM generate_series("
            + (ROWS + 1)
            + ", "
            + (ROWS + 60)
            + ") i");
  }

  /** What is to be told of it; throws where a check fails. */
  String run() throws Exception {
    var image = TableImage.of(databases.source, "public.t", "id");
    sourceRows = Databases.number(databases.source, "SELECT count(*) FROM public.t");
    var before = TableImage.of(watch.home(), "public.t", "id");
    nodes.start(it.victim() == Victim.FRONTEND);
    var id = reach();
    var completed = watch.uppersOfCompleted(id);
    var read = statements.reads(id).size();
    strike(id);
    assertNothingDeleted(id);
    if (it.moment() == Moment.AWAITING_APPROVAL) {
      nodes.approve(id);
    }
    lock.ifPresent(FailureRun::release);
    Until.holds(
        "refresh " + id + " has ended",
        () -> !List.of("REFRESHING", "FINISHING").contains(watch.state(id)));
    var done = nodes.view(id);
    assertThat(done.state()).as("%s", done).isEqualTo(RefreshState.SUCCEEDED);
    var after = TableImage.of(watch.home(), "public.t", "id");
    assertThat(after.bytes()).as("bytes of the target").isEqualTo(image.bytes());
    var difference = before.to(after);
    assertThat(done.rows().deleted()).isEqualTo(difference.deleted());
    assertThat(Feed.replay(before.rows(), Feed.of(watch.home(), id, "id")))
        .as("the feed, replayed")
        .isEqualTo(after.rows());
    var reads = statements.reads(id);
    assertThat(reads).as("the source's log").isNotEmpty();
    assertSkipped(completed, reads.stream().skip(read));
    assertRecovered(done);
    if (struck.isPresent()) {
      assertKnowsItsLoss(struck.get());
      assertThat(TableImage.of(watch.home(), "public.t", "id").bytes()).isEqualTo(image.bytes());
    }
    return done.recoveries().stream()
        .map(recovery -> recovery.cause() + " " + recovery.seconds() + " s")
        .distinct()
        .toList()
        .toString();
  }

  /** Begins a refresh, and brings it to the moment. */
  private long reach() throws Exception {
    if (it.moment() == Moment.PLANNING) {
      workers().forEach(node -> node.slow("source", LATENCY));
      var id = nodes.refresh();
      Until.holds("it is planned", () -> watch.owner(id).isPresent());
      return id;
    }
    var id = nodes.refresh();
    if (it.moment().isMerging()) {
      merge(id);
      return id;
    }
    Until.holds("it asks", () -> watch.state(id).equals("AWAITING_APPROVAL"));
    if (it.moment() == Moment.FINISHING) {
      var locked = databases.homeAddress.connect("test");
      locked.setAutoCommit(false);
      Databases.execute(locked, "LOCK TABLE public.t IN SHARE MODE");
      lock = Optional.of(locked);
      nodes.approve(id);
      Until.holds("it is finished", () -> watch.owner(id).isPresent() && watch.isTargetAwaited());
    }
    return id;
  }

  private void merge(long id) throws Exception {
    if (it.moment() == Moment.MERGING_95) {
      // What is left must last until somebody is missed.
      Until.holds("merged to 75 %", () -> watch.completed(id) >= VNODES * 3 / 4);
      watch.throttle(id, LAST_ROWS_PER_SECOND);
      Until.holds("merged to 95 %", () -> watch.rowsRead(id) * 100 >= 95 * sourceRows);
      assertThat(watch.owners(id)).as("at work at 95 %").isNotEmpty();
      return;
    }
    Until.holds(
        "merged to " + it.moment().percent + " %",
        () ->
            watch.completed(id) * 100 >= (long) it.moment().percent * VNODES
                && !watch.owners(id).isEmpty());
    if (it.victim() == Victim.EXECUTOR) {
      Until.holds("the victim works on it", () -> watch.works("c", id));
    }
  }

  /** Does it, waits as long as it must last, and undoes what can be undone. */
  private void strike(long id) throws Exception {
    switch (it.victim()) {
      case EXECUTOR -> strike(id, executor(id));
      case LEADER -> strike(id, nodes.node("a"));
      case FRONTEND -> strike(id, nodes.node("d"));
      case SOURCE -> strikeDatabase("source");
      case HOME -> strikeDatabase("home");
    }
  }

  private void strike(long id, Node victim) throws Exception {
    struck =
        Optional.of(
            new Struck(
                victim,
                watch.works(victim.name(), id),
                victim.err().length(),
                nodes.fencedWrites(victim)));
    switch (it.fault()) {
      case KILL -> victim.kill();
      case PAUSE -> victim.pause();
      case CUT_FROM_HOME -> victim.cutFrom("home");
      case CUT_FROM_SOURCE -> victim.cutFrom("source");
      case CUT_FROM_BUS -> victim.cutFrom("bus");
      case CUT_FROM_EVERYTHING -> victim.isolate();
      case SLOW_LINK -> victim.slow("home", LATENCY).slow("source", LATENCY);
    }
    awaitNoticed(id);
    switch (it.fault()) {
      case KILL -> {
        if (it.victim() == Victim.FRONTEND) {
          victim.restart();
        }
      }
      case PAUSE -> victim.resume();
      default -> victim.heal();
    }
    if (it.victim() == Victim.FRONTEND) {
      Until.holds("the frontend answers again", () -> nodes.answers("d", id));
    }
  }

  private void strikeDatabase(String link) throws Exception {
    switch (it.fault()) {
      case KILL -> dying().killAndRestart();
      case PAUSE -> {
        dying().pause();
        lastingLong();
        dying().resume();
      }
      case SLOW_LINK -> {
        nodes.cluster.nodes().forEach(node -> node.slow(link, LATENCY));
        lastingLong();
        nodes.cluster.nodes().forEach(node -> node.heal(link));
      }
      default -> {
        nodes.cluster.nodes().forEach(node -> node.cutFrom(link));
        lastingLong();
        nodes.cluster.nodes().forEach(node -> node.heal(link));
      }
    }
  }

  /** Until it is known to be lost, where it must be; else for as long as would do. */
  private void awaitNoticed(long id) throws Exception {
    if (mustBeLost().isPresent()) {
      var cause = mustBeLost().get().name();
      Until.holds(cause + " is recorded", () -> watch.causes(id).contains(cause));
    } else if (it.victim() == Victim.LEADER && isParted()) {
      Until.holds("another leads", () -> watch.term() > 1);
    } else if (it.fault() != Fault.KILL) {
      lastingLong();
    }
    if (isStoodInFor()) {
      Until.holds(
          "it goes on by way of the home", () -> struck.orElseThrow().says("by way of the home"));
    }
  }

  private static void lastingLong() throws Exception {
    var end = System.nanoTime() + FAULT_NANOS;
    Until.holds("the fault lasts", () -> System.nanoTime() > end);
  }

  /** Whether others must take the victim for dead. */
  private boolean isParted() {
    return switch (it.fault()) {
      case KILL, PAUSE, CUT_FROM_EVERYTHING -> true;
      // It hears no barrier, and so answers none. A leader hears no answer: see mustBeLost.
      case CUT_FROM_BUS -> it.victim() == Victim.EXECUTOR && !isStoodInFor();
      case CUT_FROM_HOME -> it.victim() == Victim.LEADER;
      case CUT_FROM_SOURCE, SLOW_LINK -> false;
    };
  }

  /** An executor that has a meta beside it hears the leader from that. */
  private boolean isStoodInFor() {
    return it.victim() == Victim.EXECUTOR
        && it.fault() == Fault.CUT_FROM_BUS
        && struck.orElseThrow().hasMeta();
  }

  /** Nobody is missed while a person is asked. */
  private Optional<RecoveryCause> mustBeLost() {
    if (it.moment() == Moment.AWAITING_APPROVAL) {
      return Optional.empty();
    }
    return switch (it.victim()) {
      case EXECUTOR ->
          isParted() && struck.orElseThrow().works()
              ? Optional.of(RecoveryCause.EXECUTOR_LOST)
              : Optional.empty();
      case LEADER ->
          switch (it.fault()) {
            case KILL, PAUSE, CUT_FROM_HOME, CUT_FROM_EVERYTHING ->
                Optional.of(RecoveryCause.LEADER_LOST);
            // It is heard and hears nobody: executors are silent for it.
            case CUT_FROM_BUS -> Optional.of(RecoveryCause.EXECUTOR_LOST);
            case CUT_FROM_SOURCE, SLOW_LINK -> Optional.empty();
          };
      case FRONTEND, SOURCE, HOME -> Optional.empty();
    };
  }

  /** What still believes in what it has lost is refused, and says so itself. */
  private void assertKnowsItsLoss(Struck victim) throws Exception {
    if (it.fault() == Fault.KILL) {
      return;
    }
    if (it.victim() == Victim.LEADER && isParted()) {
      Until.holds("it knows that it leads no more", () -> victim.says("leads no more"));
    }
    if (it.victim() == Victim.EXECUTOR
        && it.fault() == Fault.PAUSE
        && it.moment().isMerging()
        && victim.works()) {
      Until.holds(
          "its write is refused and counted",
          () -> nodes.fencedWrites(victim.node()) > victim.fencedWrites());
    }
  }

  /** While it reads or asks, nobody may delete. A state only moves on: it is looked at last. */
  private void assertNothingDeleted(long id) throws Exception {
    var rows = Databases.number(watch.home(), "SELECT count(*) FROM public.t WHERE id <= " + ROWS);
    if (List.of("REFRESHING", "AWAITING_APPROVAL").contains(watch.state(id))) {
      assertThat(rows).as("rows before anybody may delete").isEqualTo(ROWS);
    }
  }

  /** By the source's own account. */
  private static void assertSkipped(
      Set<Optional<String>> completed, Stream<StatementLog.Read> readAfterwards) {
    assertThat(readAfterwards.map(StatementLog.Read::upper))
        .as("upper bounds of VNodes that were read after the fault")
        .noneMatch(completed::contains);
  }

  private void assertRecovered(RefreshView done) {
    mustBeLost()
        .ifPresent(
            cause -> assertThat(done.recoveries()).anyMatch(recovery -> recovery.cause() == cause));
  }

  private OwnPostgres dying() {
    return it.victim() == Victim.SOURCE ? source : ownHome.orElseThrow();
  }

  private Node executor(long id) throws Exception {
    if (it.moment() == Moment.PLANNING || it.moment() == Moment.FINISHING) {
      return nodes.node(watch.owner(id).orElse("c").startsWith("b-") ? "b" : "c");
    }
    return nodes.node("c");
  }

  private List<Node> workers() {
    return List.of(nodes.node("b"), nodes.node("c"));
  }

  private static void release(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  String tails() {
    return nodes.cluster.tails(40);
  }

  @Override
  public void close() throws SQLException, IOException {
    try {
      nodes.close();
    } finally {
      try (databases) {
        lock.ifPresent(FailureRun::release);
        watch.close();
      } finally {
        try (source) {
          if (ownHome.isPresent()) {
            ownHome.get().close();
          }
        }
      }
    }
  }
}
