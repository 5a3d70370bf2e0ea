package io.tidemark.suite.simulation.invariant;

import io.tidemark.suite.simulation.Cluster;
import io.tidemark.suite.simulation.home.Written;
import java.util.Arrays;

/**
 * VNodes are merged only when all splits are loaded and durable, and what is staged then is the
 * version of the source, each row once.
 */
final class Loaded implements Invariant {
  @Override
  public void check(Cluster cluster) {
    for (var written : cluster.database().journal) {
      if (written instanceof Written.Loaded loaded) {
        var refresh = loaded.refresh();
        require(
            refresh.completedSplits() == refresh.splits.size(),
            () -> "refresh %d ends its load before its splits".formatted(refresh.id));
        require(!refresh.doubled, () -> "refresh %d has staged a row twice".formatted(refresh.id));
        require(
            Arrays.equals(refresh.staging, refresh.contents.get(1)),
            () -> "refresh %d has not staged what its source had".formatted(refresh.id));
      }
    }
  }
}
