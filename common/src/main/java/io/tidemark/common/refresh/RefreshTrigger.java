package io.tidemark.common.refresh;

/** Who asked for a refresh. */
public enum RefreshTrigger {
  /** A person, by CLI or HTTP. */
  MANUAL,
  /** The table's schedule. */
  SCHEDULE,
  /** The function tidemark.refresh in the home database. */
  SQL
}
