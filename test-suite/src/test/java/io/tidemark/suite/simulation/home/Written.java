package io.tidemark.suite.simulation.home;

import io.tidemark.common.home.RefreshProgressTable.Checkpoint;

/** What a transaction did that an invariant speaks of. */
public sealed interface Written {
  /** A row of the target. */
  record Target(RefreshModel refresh, Difference difference, int before) implements Written {}

  /** A row of the delta. */
  record Found(RefreshModel refresh, Difference difference) implements Written {}

  /** A VNode has an owner who will read it. */
  record Claimed(RefreshModel refresh, VNodeRow vnode, boolean wasCompleted) implements Written {}

  /**
   * A checkpoint was accepted.
   *
   * @param by who wrote it
   * @param generation the VNode's, when it was accepted
   * @param owner the VNode's, when it was accepted
   */
  record Progress(
      RefreshModel refresh, Checkpoint checkpoint, String by, long generation, String owner)
      implements Written {}

  /** A write of a leader was accepted. */
  record Led(String by, long term) implements Written {}

  /** A refresh has ended well. */
  record Succeeded(RefreshModel refresh, String by, String owner) implements Written {}

  /** A refresh took its place as its table's active one. */
  record Began(RefreshModel refresh) implements Written {}

  /** All splits of a refresh are loaded: its VNodes may be merged. */
  record Loaded(RefreshModel refresh) implements Written {}

  /** All VNodes of a refresh start again. */
  record Restarted(RefreshModel refresh) implements Written {}
}
