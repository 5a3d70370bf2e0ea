package io.tidemark.suite.simulation;

import io.tidemark.common.config.GuardPolicy;
import io.tidemark.common.config.GuardPolicy.OnTrip;
import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.suite.simulation.home.HomeModel;
import io.tidemark.suite.simulation.home.Keys;
import io.tidemark.suite.simulation.home.LeaseModel;
import io.tidemark.suite.simulation.home.RefreshModel;
import io.tidemark.suite.simulation.home.TableModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Everything there is in one schedule. */
public final class Cluster {
  final Timeline time;
  final Settings settings;
  final Mutant mutant;
  final HomeModel database;
  final LeaseModel lease;
  final Server home;
  final Server sources;
  final Bus bus;
  final List<SimulatedMeta> metas = new ArrayList<>();
  final List<SimulatedExecutor> executors = new ArrayList<>();
  private final Map<String, SourceModel> tables = new LinkedHashMap<>();
  private final Trace trace;
  private final List<Opened> opened = new ArrayList<>();
  private boolean rough = true;

  /** A VNode's streams were opened, by a claim that may be outdated. */
  public record Opened(RefreshModel refresh, Claim claim, int snapshot) {}

  Cluster(long seed, Mutant mutant, Trace trace) {
    this.time = new Timeline(seed);
    this.settings = Settings.of(time);
    this.mutant = mutant;
    this.trace = trace;
    this.database = new HomeModel(time::now);
    this.lease = new LeaseModel(database, Settings.LEASE_MILLIS);
    this.home = new Server(time, node -> node.cutFromHome, settings.replyLoss());
    this.sources = new Server(time, node -> node.cutFromSource, settings.replyLoss());
    this.bus = new Bus(time, settings.busDrops(), settings.busDoubles(), settings.busMillis());
    for (var i = 1; i <= settings.tables(); i++) {
      define("t" + i);
    }
    for (var i = 1; i <= settings.metas(); i++) {
      metas.add(new SimulatedMeta(this, new Node("m" + i, time)));
    }
    for (var i = 1; i <= settings.executors(); i++) {
      executors.add(new SimulatedExecutor(this, new Node("e" + i, time)));
    }
    metas.forEach(SimulatedMeta::begin);
  }

  private void define(String name) {
    var guard =
        time.chance(0.2)
            ? new GuardPolicy(0.2, OnTrip.SKIP_DELETES)
            : new GuardPolicy(time.chance(0.5) ? 0.2 : 1, OnTrip.ASK);
    var source = new SourceModel();
    source.change(time, Keys.COUNT);
    var target = time.chance(0.7) ? source.content : new int[Keys.COUNT];
    var table =
        new TableModel(
            name,
            time.chance(0.4),
            time.chance(0.3),
            time.chance(0.4),
            time.chance(0.5),
            guard,
            target);
    source.change(time, time.between(0, 8));
    database.tables.put(name, table);
    tables.put(name, source);
  }

  public HomeModel database() {
    return database;
  }

  /** Simulated milliseconds. */
  public long now() {
    return time.now();
  }

  /** What was opened since somebody last asked. */
  public List<Opened> opened() {
    return opened;
  }

  /** The longest queue there is of each kind, by name. */
  public void queues(QueueLength seen) {
    for (var executor : executors) {
      seen.of(
          "refreshes that an executor works on",
          (int) executor.running().values().stream().filter(each -> !each.isEnding()).count(),
          tables.size());
      for (var refresh : executor.running().values()) {
        seen.of("positions that wait", refresh.writer().waiting(), Keys.VNODES);
        for (var lane : refresh.lanes()) {
          seen.of("claims of a lane", lane.claims(), settings.claimSize());
        }
      }
    }
  }

  /** Hears of each queue. */
  @FunctionalInterface
  public interface QueueLength {
    void of(String queue, int length, int limit);
  }

  /** What is still active, for a message. */
  String unfinished() {
    return database.refreshes.values().stream()
        .filter(each -> each.state.active())
        .map(
            each ->
                "refresh %d %s%s, %d of %d VNodes, work of %s"
                    .formatted(
                        each.id,
                        each.state,
                        each.paused ? " paused" : "",
                        each.completed(),
                        each.vnodes.size(),
                        each.workOwner))
        .toList()
        .toString();
  }

  SourceModel source(String table) {
    var source = tables.get(table);
    if (source == null) {
      throw new IllegalArgumentException("no table " + table);
    }
    return source;
  }

  Map<String, SourceModel> tables() {
    return tables;
  }

  List<Node> nodes() {
    var nodes = new ArrayList<Node>();
    metas.forEach(each -> nodes.add(each.node));
    executors.forEach(each -> nodes.add(each.node));
    return nodes;
  }

  boolean isRough() {
    return rough;
  }

  /** No more faults that are not of a node. */
  void calm() {
    rough = false;
    bus.calm();
    home.calm();
    sources.calm();
  }

  void opened(RefreshModel refresh, Claim claim, int snapshot) {
    opened.add(new Opened(refresh, claim, snapshot));
  }

  /** To one of those who believe that they lead, as the event bus does it. */
  void tellLeader(Node from, Consumer<SimulatedMeta> message) {
    var leaders = metas.stream().filter(each -> each.node.isUp() && each.leads()).toList();
    if (!leaders.isEmpty()) {
      var leader = leaders.get(time.between(0, leaders.size() - 1));
      bus.send(from, leader.node, () -> message.accept(leader));
    }
  }

  void trace(Node who, Supplier<String> what) {
    trace.add(time.now(), who.id(), what);
  }

  void trace(String who, Supplier<String> what) {
    trace.add(time.now(), who, what);
  }
}
