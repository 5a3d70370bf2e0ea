package io.tidemark.suite.simulation.invariant;

import io.tidemark.suite.simulation.Cluster;
import io.tidemark.suite.simulation.home.Written;

/** No row is written that did not differ. */
final class Untouched implements Invariant {
  @Override
  public void check(Cluster cluster) {
    for (var written : cluster.database().journal) {
      if (written instanceof Written.Target target) {
        require(
            target.before() != target.difference().value(),
            () ->
                "refresh %d wrote key %d with the value that it had"
                    .formatted(target.refresh().id, target.difference().key()));
      }
    }
  }
}
