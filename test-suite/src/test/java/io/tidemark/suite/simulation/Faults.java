package io.tidemark.suite.simulation;

/** What goes wrong, until it is enough; then everything is mended, and nothing is lost any more. */
final class Faults {
  private final Cluster cluster;
  private boolean over;

  Faults(Cluster cluster) {
    this.cluster = cluster;
  }

  void begin() {
    cluster.time.after(cluster.settings.faultsMillis(), this::mend);
    next();
  }

  boolean areOver() {
    return over;
  }

  private void next() {
    var time = cluster.time;
    time.after(
        time.between(1, 2 * cluster.settings.faultEveryMillis()),
        () -> {
          if (!over) {
            happen();
            next();
          }
        });
  }

  private void happen() {
    var time = cluster.time;
    var nodes = cluster.nodes();
    var node = nodes.get(time.between(0, nodes.size() - 1));
    switch (time.between(0, 13)) {
      case 0, 1 -> crash(node);
      case 2 -> pause(node);
      case 3 -> cut("bus", node, time.between(100, 9_000));
      case 4 -> cut("home", node, time.between(100, 9_000));
      case 5 -> cut("source", node, time.between(100, 9_000));
      case 6 -> {
        var millis = time.between(100, 9_000);
        cut("bus", node, millis);
        cut("home", node, millis);
        cut("source", node, millis);
      }
      case 7 -> homeAway();
      case 8 -> sourceRestarts();
      case 9 -> slow();
      case 10 -> restart(node);
      case 11 -> homeCrashes();
      default -> sourceChanges();
    }
  }

  private void crash(Node node) {
    if (!node.isUp()) {
      return;
    }
    cluster.trace(node, () -> "FAULT crashes");
    var time = cluster.time;
    seemsToLeave(node);
    node.crash();
    // The source notices at once, or when its keepalive says so.
    var notices = time.chance(0.5) ? 0 : time.between(1, 4_000);
    cluster
        .tables()
        .values()
        .forEach(
            source ->
                source.of(node).forEach(each -> time.after(notices, () -> source.close(each))));
    time.after(time.between(50, 8_000), () -> start(node));
  }

  /** Whoever leads may hear of it: soon, late or never. */
  private void seemsToLeave(Node node) {
    var id = node.id();
    for (var meta : cluster.metas) {
      if (cluster.time.chance(0.6)) {
        cluster.time.after(
            cluster.time.between(10, 3_000), () -> meta.node.here(() -> meta.left(id)).run());
      }
    }
  }

  private void start(Node node) {
    if (node.isUp()) {
      return;
    }
    node.start();
    cluster.trace(node, () -> "starts");
    cluster.executors.stream().filter(each -> each.node == node).forEach(SimulatedExecutor::begin);
    cluster.metas.stream().filter(each -> each.node == node).forEach(SimulatedMeta::begin);
  }

  /** SIGTERM, and soon afterwards a new process. */
  private void restart(Node node) {
    if (!node.isUp() || node.isPaused()) {
      return;
    }
    cluster.trace(node, () -> "FAULT is restarted in order");
    var time = cluster.time;
    cluster.executors.stream().filter(each -> each.node == node).forEach(SimulatedExecutor::stop);
    cluster.metas.stream().filter(each -> each.node == node).forEach(SimulatedMeta::stop);
    var incarnation = node.id();
    time.after(
        time.between(100, 8_000),
        () -> {
          if (node.id().equals(incarnation)) {
            crash(node);
          }
        });
  }

  private void pause(Node node) {
    if (!node.isUp() || node.isPaused()) {
      return;
    }
    cluster.trace(node, () -> "FAULT is paused");
    node.pause();
    var incarnation = node.id();
    cluster.time.after(
        cluster.time.between(100, 12_000),
        () -> {
          if (node.isPaused() && node.id().equals(incarnation)) {
            cluster.trace(node, () -> "wakes up");
            node.wake();
          }
        });
  }

  private void cut(String from, Node node, int millis) {
    cluster.trace(node, () -> "FAULT is cut from " + from + " for " + millis + " ms");
    reach(from, node, true);
    if (from.equals("bus")) {
      seemsToLeave(node);
    }
    cluster.time.after(millis, () -> reach(from, node, false));
  }

  private static void reach(String from, Node node, boolean cut) {
    switch (from) {
      case "bus" -> node.cutFromBus = cut;
      case "home" -> node.cutFromHome = cut;
      default -> node.cutFromSource = cut;
    }
  }

  private void homeAway() {
    cluster.trace("home", () -> "FAULT goes away");
    cluster.home.away(true);
    cluster.time.after(cluster.time.between(50, 7_000), () -> cluster.home.away(false));
  }

  /** What is not logged is gone. */
  private void homeCrashes() {
    homeAway();
    cluster.trace("home", () -> "FAULT loses what is not logged");
    cluster.database.crash();
  }

  private void sourceRestarts() {
    cluster.trace("source", () -> "FAULT restarts");
    cluster.sources.away(true);
    cluster.tables().values().forEach(SourceModel::closeAll);
    cluster.time.after(cluster.time.between(50, 5_000), () -> cluster.sources.away(false));
  }

  private void slow() {
    var slow = cluster.time.chance(0.5) ? cluster.home : cluster.sources;
    cluster.trace("network", () -> "FAULT is slow");
    slow.slowness(cluster.time.between(20, 600));
    cluster.time.after(cluster.time.between(500, 5_000), () -> slow.slowness(1));
  }

  private void sourceChanges() {
    for (var source : cluster.tables().values()) {
      if (cluster.time.chance(0.05)) {
        source.empty();
      } else if (cluster.time.chance(0.2)) {
        source.goBack();
      } else {
        source.change(cluster.time, cluster.time.between(1, 6));
      }
    }
  }

  private void mend() {
    over = true;
    cluster.trace("faults", () -> "are over");
    cluster.calm();
    cluster.home.away(false);
    cluster.sources.away(false);
    for (var node : cluster.nodes()) {
      node.cutFromBus = false;
      node.cutFromHome = false;
      node.cutFromSource = false;
      if (node.isPaused()) {
        node.wake();
      }
      start(node);
    }
  }
}
