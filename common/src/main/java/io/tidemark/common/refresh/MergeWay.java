package io.tidemark.common.refresh;

import org.jspecify.annotations.Nullable;

/**
 * The way that the rows of a refresh go, as its plan says.
 *
 * @param why this one of the two, in words; null where the source has no choice
 */
public record MergeWay(Way way, @Nullable String why) {
  /** How source and target are compared. */
  public enum Way {
    /** Both are read in key order, and merged by executors. */
    STREAMING,
    /** The source is copied into the home in splits, and compared there. */
    STAGED
  }
}
