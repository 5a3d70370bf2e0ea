package io.tidemark.executor.core;

/** What there is to do for a refresh at the moment: the first of these that there is. */
public enum Free {
  /** A split to load. */
  SPLITS,
  /** All splits are loaded, and nobody ends the loading. */
  STAGING,
  /** A VNode to merge. */
  VNODES,
  NOTHING
}
