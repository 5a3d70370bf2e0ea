package io.tidemark.suite.simulation;

/** A mistake built in on purpose: the simulation must find it. */
public enum Mutant {
  NONE,
  /** A checkpoint is written whoever owns the VNode by now. */
  NO_GENERATION_CHECK,
  /**
   * A stream of the source that broke counts as one that ended: what it did not send is deleted.
   */
  BROKEN_STREAM_ENDS,
  /** The first VNode that is complete lets the refresh finish. */
  FIRST_FINISHER_ENDS,
  /** What is left of a staging table after a crash counts as all that was loaded. */
  STAGING_NEVER_LOST,
  /**
   * A version of the source that a refresh was planned for once counts as what the target holds.
   */
  UNCHANGED_UNCHECKED
}
