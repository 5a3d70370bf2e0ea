package io.tidemark.suite.simulation.invariant;

import io.tidemark.suite.simulation.Cluster;

/** A completed VNode is never read again in the same snapshot. */
final class Skipped implements Invariant {
  @Override
  public void check(Cluster cluster) {
    for (var opened : cluster.opened()) {
      var vnode = opened.refresh().vnodes.get(opened.claim().vnode());
      // A claim that is outdated may read once more, and write nothing.
      require(
          vnode.generation != opened.claim().generation()
              || !vnode.completed
              || vnode.completedIn != opened.snapshot(),
          () ->
              "VNode %d of refresh %d is complete in snapshot %d and is read again"
                  .formatted(vnode.vnode, opened.refresh().id, opened.snapshot()));
    }
  }
}
