package io.tidemark.common.refresh;

/** What happens to finished VNodes when the source snapshot is lost. */
public enum Consistency {
  /** They stay; the rest is read in a new snapshot. */
  RESUME,
  /** All VNodes start again in a new snapshot, so that the target equals one snapshot. */
  STRICT
}
