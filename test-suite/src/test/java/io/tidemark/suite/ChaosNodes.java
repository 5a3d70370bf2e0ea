package io.tidemark.suite;

import io.tidemark.suite.ChaosSchedule.Strike;
import io.tidemark.toxiproxy.harness.Cluster;
import io.tidemark.toxiproxy.harness.Node;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** The soak's cluster, and the servers of its databases, under the strikes of a schedule. */
final class ChaosNodes implements AutoCloseable {
  /** Each has a frontend: a refused write is counted where it was refused. */
  private static final List<String> ROLES =
      List.of(
          "frontend,meta",
          "frontend,meta,executor",
          "frontend,executor",
          "frontend,executor",
          "frontend,meta,executor");

  private static final Duration LATENCY = Duration.ofMillis(60);
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** What SIGTERM may take, and something for a machine that has more to do. */
  private static final double DRAIN_SECONDS = 12;

  /**
   * A node that finds the home away while it starts ends, and is started again by its supervisor.
   */
  private static final long SHADOW_NANOS = 40 * SECOND;

  final ProxiedNodes nodes;
  private final Databases databases;
  private final OwnPostgres home;
  private final OwnPostgres source;
  private final ChaosDiary diary;
  private final Set<String> struck = ConcurrentHashMap.newKeySet();
  private final AtomicInteger active = new AtomicInteger();
  private final AtomicInteger begun = new AtomicInteger();
  private final Map<ChaosFault, Integer> count = new ConcurrentHashMap<>();
  private volatile long lastDatabaseStrike = System.nanoTime() - SHADOW_NANOS;
  private volatile boolean over;

  ChaosNodes(
      Databases databases, OwnPostgres home, OwnPostgres source, Path folder, ChaosDiary diary) {
    this.databases = databases;
    this.home = home;
    this.source = source;
    this.diary = diary;
    this.nodes = new ProxiedNodes(databases, folder, settings(), Cluster.cannotIsolate().isEmpty());
  }

  static List<String> names(int count) {
    return IntStream.range(0, count).mapToObj(i -> String.valueOf((char) ('a' + i))).toList();
  }

  /** Whether nodes can lose their network. */
  boolean isIsolated() {
    return Cluster.cannotIsolate().isEmpty();
  }

  void start(int count) throws Exception {
    var started = new ArrayList<Node>();
    for (var name : names(count)) {
      started.add(nodes.begin(name, ROLES.get(started.size() % ROLES.size())));
      if (started.size() == 1) {
        ProxiedNodes.awaitReady(started.getFirst());
      }
    }
    started.forEach(ProxiedNodes::awaitReady);
    var executors =
        IntStream.range(0, count)
            .filter(i -> ROLES.get(i % ROLES.size()).contains("executor"))
            .count();
    Until.holds("all executors are known", () -> nodes.liveExecutors() == executors);
  }

  /** Carries a schedule out, and returns when all is undone, or when there was a violation. */
  void strike(ChaosSchedule schedule) throws InterruptedException {
    var began = System.nanoTime();
    try (ExecutorService hands = Executors.newVirtualThreadPerTaskExecutor()) {
      hands.execute(this::supervise);
      for (var strike : schedule.strikes()) {
        waitUntil(began + TimeUnit.MILLISECONDS.toNanos(strike.at()));
        if (diary.hasViolation()) {
          break;
        }
        hands.execute(() -> carryOut(strike));
      }
      while (active.get() > 0) {
        LockSupport.parkNanos(POLL_NANOS);
      }
      over = true;
    }
  }

  /** What was done, by kind. */
  Map<ChaosFault, Integer> count() {
    return Map.copyOf(count);
  }

  private void carryOut(Strike strike) {
    active.incrementAndGet();
    begun.incrementAndGet();
    try {
      var victim = strike.victim().equals(ChaosSchedule.LEADER) ? leader() : strike.victim();
      if (!struck.add(victim)) {
        diary.say("skipped, is struck already: " + strike);
        return;
      }
      diary.say(strike.fault() + " " + victim);
      count.merge(strike.fault(), 1, Integer::sum);
      try {
        if (strike.fault().isOfDatabase()) {
          strikeDatabase(strike);
        } else {
          strikeNode(strike, nodes.cluster.node(victim));
        }
      } finally {
        struck.remove(victim);
      }
      diary.say("  over: " + strike.fault() + " " + victim);
    } catch (Exception e) {
      diary.violation("a strike could not be carried out: " + strike + ": " + e);
    } finally {
      active.decrementAndGet();
    }
  }

  private void strikeNode(Strike strike, Node node) {
    switch (strike.fault()) {
      case KILL -> node.kill();
      case DRAIN -> drain(node);
      case PAUSE -> node.pause();
      case CUT_FROM_HOME -> node.cutFrom("home");
      case CUT_FROM_SOURCE -> node.cutFrom("source");
      case CUT_FROM_BUS -> node.cutFrom("bus");
      case SILENT_HOME -> node.drop("home");
      case SILENT_SOURCE -> node.drop("source");
      case SLOW_LINKS -> node.slow("home", LATENCY).slow("source", LATENCY).slow("bus", LATENCY);
      case ISOLATE -> {
        if (isIsolated()) {
          node.isolate();
        } else {
          node.cutFromEverything();
        }
      }
      case HOME_KILL, HOME_PAUSE, SOURCE_KILL, SOURCE_PAUSE ->
          throw new IllegalArgumentException(strike.toString());
    }
    last(strike);
    switch (strike.fault()) {
      case KILL, DRAIN -> node.restart();
      case PAUSE -> node.resume();
      case CUT_FROM_HOME,
          CUT_FROM_SOURCE,
          CUT_FROM_BUS,
          SILENT_HOME,
          SILENT_SOURCE,
          SLOW_LINKS,
          ISOLATE ->
          node.heal();
      case HOME_KILL, HOME_PAUSE, SOURCE_KILL, SOURCE_PAUSE ->
          throw new IllegalArgumentException(strike.toString());
    }
  }

  /** Exit code 0, and in time, unless something else is wrong at the same moment. */
  private void drain(Node node) {
    var others = begun.get();
    var alone = active.get() == 1;
    var began = System.nanoTime();
    var code = node.terminate();
    var seconds = (System.nanoTime() - began) / (double) SECOND;
    diary.say("  drained %s: exit %d after %.1f s".formatted(node.name(), code, seconds));
    if (alone && others == begun.get() && (code != 0 || seconds > DRAIN_SECONDS)) {
      diary.violation("%s drained with exit %d after %.1f s".formatted(node.name(), code, seconds));
    }
  }

  private void strikeDatabase(Strike strike) throws Exception {
    lastDatabaseStrike = System.nanoTime();
    var server =
        switch (strike.fault()) {
          case HOME_KILL, HOME_PAUSE -> home;
          default -> source;
        };
    switch (strike.fault()) {
      case HOME_KILL, SOURCE_KILL -> server.killAndRestart();
      default -> {
        server.pause();
        last(strike);
        server.resume();
      }
    }
    lastDatabaseStrike = System.nanoTime();
  }

  private static void last(Strike strike) {
    waitUntil(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(strike.lasting()));
  }

  private static void waitUntil(long until) {
    while (System.nanoTime() < until) {
      LockSupport.parkNanos(Math.min(POLL_NANOS, until - System.nanoTime()));
    }
  }

  /** Starts nodes that have ended by themselves, as whoever runs them would. */
  private void supervise() {
    while (!over) {
      for (var node : nodes.cluster.nodes()) {
        if (!node.isAlive() && struck.add(node.name())) {
          try {
            if (!node.isAlive()) {
              startAgain(node);
            }
          } catch (RuntimeException e) {
            diary.violation(node.name() + " does not start again: " + e);
          } finally {
            struck.remove(node.name());
          }
        }
      }
      LockSupport.parkNanos(SECOND);
    }
  }

  private void startAgain(Node node) {
    var excused = System.nanoTime() - lastDatabaseStrike < SHADOW_NANOS;
    var what = node.name() + " ended by itself: " + node.tail(5);
    if (excused) {
      diary.say(what);
    } else {
      diary.violation(what);
    }
    node.restart();
  }

  /** The node that holds the lease; the first where none does. */
  private String leader() throws Exception {
    try (var connection = databases.homeAddress.connect("test")) {
      return Databases.column(connection, "SELECT holder FROM tidemark.leases").stream()
          .map(holder -> holder.replaceFirst("-.*", ""))
          .findFirst()
          .orElse("a");
    }
  }

  private static ProxiedNodes.Settings settings() {
    var tables = new StringBuilder();
    ChaosTable.all().forEach(table -> tables.append(table.yaml()));
    return new ProxiedNodes.Settings(
        "failure-detection: {lost-after: 3s, merge: 2s}",
        """
        meta: {barrier-interval: 300ms, lease: 3s}
        executor: {lanes: 2, retry-for: 30s, chunk-rows: 50}
        tables:
        """
            + tables,
        ProxiedNodes.Settings.SMALL);
  }

  @Override
  public void close() {
    over = true;
    nodes.close();
  }
}
