package io.tidemark.suite.simulation.invariant;

import io.tidemark.suite.simulation.Cluster;
import io.tidemark.suite.simulation.home.Keys;
import io.tidemark.suite.simulation.home.RefreshModel;
import io.tidemark.suite.simulation.home.Written;

/**
 * After SUCCEEDED each key of the target is as the source's snapshot had it that the key was merged
 * in; with {@code consistency: strict} that is one snapshot for all. Whatever is loaded again is of
 * the same version.
 */
final class Equal implements Invariant {
  @Override
  public void check(Cluster cluster) {
    for (var written : cluster.database().journal) {
      if (written instanceof Written.Succeeded succeeded) {
        compare(succeeded.refresh());
      }
    }
  }

  private void compare(RefreshModel refresh) {
    for (var key = 0; key < Keys.COUNT; key++) {
      compare(refresh, key);
    }
  }

  private void compare(RefreshModel refresh, int key) {
    var snapshot = refresh.unchanged > 0 ? 1 : refresh.mergedIn[key];
    var content = refresh.contents.get(snapshot);
    require(
        content != null,
        () -> "refresh %d has merged key %d in no snapshot".formatted(refresh.id, key));
    require(
        !refresh.table.strict || refresh.staged || snapshot == refresh.snapshot,
        () ->
            "refresh %d is strict, and has merged key %d in snapshot %d of %d"
                .formatted(refresh.id, key, snapshot, refresh.snapshot));
    var wanted = content == null ? 0 : content[key];
    var is = refresh.table.target[key];
    require(
        is == wanted || (refresh.skipDeletes && wanted == 0),
        () ->
            "refresh %d has left %d at key %d, where snapshot %d has %d"
                .formatted(refresh.id, is, key, snapshot, wanted));
  }
}
