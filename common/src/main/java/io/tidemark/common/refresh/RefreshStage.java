package io.tidemark.common.refresh;

/** Stage of a VNode, in this order; a completed VNode has left CLEANUP. */
public enum RefreshStage {
  /** Planned, nobody has claimed it. */
  NORMAL,
  /** Claimed; its source is being loaded (staged merge) or its streams opened (streaming merge). */
  REFRESHING,
  /** Both sides are being compared. */
  MERGING,
  /** Everything is compared and durable; what it needed is being given back. */
  CLEANUP
}
