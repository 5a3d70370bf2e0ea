package io.tidemark.suite.simulation;

import io.tidemark.common.bus.Command;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RefreshTrigger;
import io.tidemark.suite.simulation.home.RefreshModel;
import java.util.HashMap;
import java.util.Map;

/**
 * Whoever asks: at first for anything at any time, then, when the faults are over, for one more
 * refresh of every table that succeeds.
 */
final class Operator {
  private static final int EVERY_MILLIS = 1_500;

  private final Cluster cluster;
  private final Faults faults;
  private final Node desk;

  /** By table: the newest refresh when the faults were over. */
  private final Map<String, Long> before = new HashMap<>();

  Operator(Cluster cluster, Faults faults) {
    this.cluster = cluster;
    this.faults = faults;
    this.desk = new Node("operator", cluster.time);
  }

  void begin() {
    cluster.tables().keySet().forEach(this::request);
    next();
  }

  /** Whether every table has had a refresh that was asked for after the faults and succeeded. */
  boolean isContent() {
    return faults.areOver()
        && before.size() == cluster.tables().size()
        && before.entrySet().stream().allMatch(each -> isDone(each.getKey(), each.getValue()));
  }

  private boolean isDone(String table, long than) {
    return cluster
        .database
        .last(table)
        .filter(last -> last.id > than && last.state == RefreshState.SUCCEEDED && !last.dryRun)
        .isPresent();
  }

  private void next() {
    cluster.time.after(
        cluster.time.between(1, 2 * EVERY_MILLIS),
        () -> {
          for (var table : cluster.tables().keySet()) {
            if (faults.areOver()) {
              settle(table);
            } else {
              ask(table);
            }
          }
          next();
        });
  }

  private void ask(String table) {
    var last = cluster.database.last(table);
    if (last.isEmpty() || !last.get().state.active()) {
      request(table);
      return;
    }
    var id = last.get().id;
    switch (cluster.time.between(0, 20)) {
      case 0 -> command(new Command.Cancel(id));
      case 1, 2 -> command(new Command.Pause(id));
      case 3, 4, 5 -> command(new Command.Resume(id));
      case 6, 7 -> command(new Command.Approve(id));
      case 8 -> command(new Command.Reject(id));
      default -> {}
    }
  }

  private void request(String table) {
    command(new Command.Request(table, cluster.time.chance(0.1), RefreshTrigger.MANUAL));
  }

  private void settle(String table) {
    var last = cluster.database.last(table);
    var than = before.computeIfAbsent(table, none -> last.map(it -> it.id).orElse(0L));
    if (last.isEmpty() || !last.get().state.active()) {
      if (!isDone(table, than)) {
        command(new Command.Request(table, false, RefreshTrigger.MANUAL));
      }
      return;
    }
    decide(last.get());
  }

  private void decide(RefreshModel refresh) {
    if (refresh.paused) {
      command(new Command.Resume(refresh.id));
    } else if (refresh.state == RefreshState.AWAITING_APPROVAL) {
      command(refresh.dryRun ? new Command.Reject(refresh.id) : new Command.Approve(refresh.id));
    }
  }

  private void command(Command command) {
    cluster.trace("operator", command::toString);
    cluster.tellLeader(desk, leader -> leader.command(command));
  }
}
