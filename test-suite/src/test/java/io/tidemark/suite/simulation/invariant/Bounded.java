package io.tidemark.suite.simulation.invariant;

import io.tidemark.suite.simulation.Cluster;

/** Every queue has its limit. */
final class Bounded implements Invariant {
  @Override
  public void check(Cluster cluster) {
    cluster.queues(
        (queue, length, limit) ->
            require(length <= limit, () -> "%s: %d, more than %d".formatted(queue, length, limit)));
  }
}
