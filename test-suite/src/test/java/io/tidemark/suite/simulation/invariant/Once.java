package io.tidemark.suite.simulation.invariant;

import io.tidemark.suite.simulation.Cluster;
import io.tidemark.suite.simulation.home.Difference;
import io.tidemark.suite.simulation.home.RefreshModel;
import io.tidemark.suite.simulation.home.Written;
import java.util.Arrays;

/**
 * The change feed, replayed on the table as it was when it was defined, gives the table after each
 * refresh that succeeds: nothing is missing, nothing is twice.
 */
final class Once implements Invariant {
  @Override
  public void check(Cluster cluster) {
    for (var written : cluster.database().journal) {
      if (written instanceof Written.Succeeded succeeded) {
        replay(cluster, succeeded.refresh());
      }
    }
  }

  private void replay(Cluster cluster, RefreshModel last) {
    var table = last.table.origin.clone();
    for (var refresh : cluster.database().refreshes.values()) {
      if (refresh.table == last.table) {
        refresh.page().forEach(change -> replay(refresh, change, table));
      }
    }
    require(
        Arrays.equals(table, last.table.target),
        () -> "the feed up to refresh %d, replayed, is not the target".formatted(last.id));
  }

  private void replay(RefreshModel refresh, Difference change, int[] table) {
    var there = table[change.key()] != 0;
    require(
        there != (change.op() == 'I'),
        () ->
            "the feed of refresh %d says %s of key %d, which is %s by then"
                .formatted(refresh.id, change.op(), change.key(), there ? "there" : "gone"));
    table[change.key()] = change.value();
  }
}
