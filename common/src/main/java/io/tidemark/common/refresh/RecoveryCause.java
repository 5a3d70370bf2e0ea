package io.tidemark.common.refresh;

/** Why a refresh had to be recovered. */
public enum RecoveryCause {
  /** The executor that worked on it is gone. */
  EXECUTOR_LOST,
  /** A new leader found it unfinished. */
  LEADER_LOST,
  /** It had ended FAILED, and was asked for again. */
  RESUMED_AFTER_FAILURE,
  /** The source's snapshot was lost and a new one was taken. */
  SNAPSHOT_LOST,
  /** The home lost what was staged, by a crash of its Postgres: all splits are loaded again. */
  STAGING_LOST
}
