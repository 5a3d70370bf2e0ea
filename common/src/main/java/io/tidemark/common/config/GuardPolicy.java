package io.tidemark.common.config;

/**
 * When deletes need a person.
 *
 * @param maxDeleteRatio deletes per row of the target, 0 to 1, that pass without asking
 * @param onTrip what to do where they exceed it
 */
public record GuardPolicy(double maxDeleteRatio, OnTrip onTrip) {
  /** Below this many deletes the ratio is not looked at. */
  public static final long MIN_DELETES = 100;

  public static final GuardPolicy DEFAULT = new GuardPolicy(0.2, OnTrip.ASK);

  /** What to do where a refresh would delete too much. */
  public enum OnTrip {
    /** Stop at AWAITING_APPROVAL. */
    ASK,
    /** Apply all but the deletes. */
    SKIP_DELETES,
    /** End FAILED, nothing applied. */
    FAIL
  }
}
