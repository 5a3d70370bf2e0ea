package io.tidemark.suite.simulation.invariant;

import io.tidemark.meta.core.Guard;
import io.tidemark.suite.simulation.Cluster;
import io.tidemark.suite.simulation.home.Difference;
import io.tidemark.suite.simulation.home.RefreshModel;
import io.tidemark.suite.simulation.home.Written;

/**
 * No error, short read or fenced owner deletes a row: each delete is of a key that the snapshot
 * does not have, and more of them than the guard allows were looked at by a person.
 */
final class NoFalseDelete implements Invariant {
  @Override
  public void check(Cluster cluster) {
    for (var written : cluster.database().journal) {
      if (written instanceof Written.Found found) {
        requireGone(found.refresh(), found.difference());
      } else if (written instanceof Written.Target target && target.difference().op() == 'D') {
        requireGone(target.refresh(), target.difference());
        requireAllowed(target.refresh());
      }
    }
  }

  private void requireGone(RefreshModel refresh, Difference difference) {
    if (difference.op() == 'D') {
      var content = refresh.contents.get(difference.snapshot());
      require(
          content != null && content[difference.key()] == 0,
          () ->
              "refresh %d deletes key %d, which snapshot %d has"
                  .formatted(refresh.id, difference.key(), difference.snapshot()));
    }
  }

  private void requireAllowed(RefreshModel refresh) {
    var trip = Guard.look(refresh.guard(), refresh.rows());
    require(
        trip.isEmpty() || refresh.approved,
        () ->
            "refresh %d deletes although nobody has approved: %s"
                .formatted(refresh.id, trip.map(Guard.Trip::message).orElse("")));
    require(
        !refresh.skipDeletes,
        () -> "refresh %d deletes although deletes are skipped".formatted(refresh.id));
  }
}
