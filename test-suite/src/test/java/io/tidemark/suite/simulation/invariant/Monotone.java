package io.tidemark.suite.simulation.invariant;

import io.tidemark.suite.simulation.Cluster;
import io.tidemark.suite.simulation.home.RefreshModel;
import io.tidemark.suite.simulation.home.VNodeRow;
import io.tidemark.suite.simulation.home.Written;
import java.util.HashMap;
import java.util.Map;

/**
 * Term, epoch, generation, checkpoint, position and percent never go back in one refresh; a
 * position does where a strict refresh starts its VNodes again.
 */
final class Monotone implements Invariant {
  private final Map<Long, Seen> refreshes = new HashMap<>();
  private long term;
  private long epoch;

  private static final class Seen {
    private long term;
    private long epoch;
    private int snapshot;
    private long workGeneration;
    private double percent;
    private int recoveries;
    private long[] generations = new long[0];
    private long[] checkpoints = new long[0];
    private int[] positions = new int[0];
  }

  @Override
  public void check(Cluster cluster) {
    var lease = cluster.database().lease;
    require(
        lease.term >= term, () -> "the lease went from term %d to %d".formatted(term, lease.term));
    require(
        lease.epoch >= epoch,
        () -> "the lease went from epoch %d to %d".formatted(epoch, lease.epoch));
    term = lease.term;
    epoch = lease.epoch;
    for (var written : cluster.database().journal) {
      if (written instanceof Written.Restarted restarted) {
        var seen = refreshes.get(restarted.refresh().id);
        if (seen != null) {
          seen.positions = new int[0];
        }
      }
    }
    if (!cluster.database().journal.isEmpty()) {
      cluster.database().refreshes.values().forEach(this::look);
    }
  }

  private void look(RefreshModel refresh) {
    var seen = refreshes.computeIfAbsent(refresh.id, none -> new Seen());
    rises("term", refresh.id, seen.term, refresh.term);
    rises("epoch", refresh.id, seen.epoch, refresh.epoch);
    rises("snapshot", refresh.id, seen.snapshot, refresh.snapshot);
    rises("work generation", refresh.id, seen.workGeneration, refresh.workGeneration);
    rises("recoveries", refresh.id, seen.recoveries, refresh.recoveries);
    require(
        refresh.percent >= seen.percent,
        () ->
            "the percentage of refresh %d went from %s to %s"
                .formatted(refresh.id, seen.percent, refresh.percent));
    seen.term = refresh.term;
    seen.epoch = refresh.epoch;
    seen.snapshot = refresh.snapshot;
    seen.workGeneration = refresh.workGeneration;
    seen.recoveries = refresh.recoveries;
    seen.percent = refresh.percent;
    look(refresh, seen);
  }

  private void look(RefreshModel refresh, Seen seen) {
    var count = refresh.vnodes.size();
    if (seen.generations.length != count) {
      seen.generations = new long[count];
      seen.checkpoints = new long[count];
    }
    if (seen.positions.length != count) {
      seen.positions = refresh.vnodes.stream().mapToInt(VNodeRow::start).toArray();
    }
    for (var vnode : refresh.vnodes) {
      var i = vnode.vnode;
      rises("generation", refresh.id, seen.generations[i], vnode.generation);
      rises("checkpoint", refresh.id, seen.checkpoints[i], vnode.checkpoint);
      rises("position", refresh.id, seen.positions[i], vnode.position);
      seen.generations[i] = vnode.generation;
      seen.checkpoints[i] = vnode.checkpoint;
      seen.positions[i] = vnode.position;
    }
  }

  private void rises(String what, long refresh, long before, long now) {
    require(
        now >= before,
        () -> "%s in refresh %d went from %d to %d".formatted(what, refresh, before, now));
  }
}
