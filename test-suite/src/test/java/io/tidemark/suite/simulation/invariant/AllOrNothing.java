package io.tidemark.suite.simulation.invariant;

import io.tidemark.common.refresh.RefreshState;
import io.tidemark.suite.simulation.Cluster;
import io.tidemark.suite.simulation.home.Written;

/**
 * Atomic: the target changes only in the transaction in which its refresh becomes SUCCEEDED, when
 * all of its VNodes are complete. A dry run that nobody approved changes nothing.
 */
final class AllOrNothing implements Invariant {
  @Override
  public void check(Cluster cluster) {
    for (var written : cluster.database().journal) {
      if (written instanceof Written.Target target && !target.refresh().progressive) {
        require(
            target.refresh().state == RefreshState.SUCCEEDED,
            () ->
                "refresh %d is %s and shows key %d"
                    .formatted(
                        target.refresh().id, target.refresh().state, target.difference().key()));
      } else if (written instanceof Written.Succeeded succeeded) {
        var refresh = succeeded.refresh();
        require(
            refresh.completed() == refresh.vnodes.size(),
            () ->
                "refresh %d has ended with %d of %d VNodes"
                    .formatted(refresh.id, refresh.completed(), refresh.vnodes.size()));
        require(
            !refresh.dryRun || refresh.approved || refresh.unchanged > 0,
            () -> "refresh %d was only a dry run".formatted(refresh.id));
      }
    }
  }
}
