package io.tidemark.common.error;

/** Where the cause of an error lies, and so who can mend it. */
public enum ErrorCategory {
  /** What the user wrote: the file, the table definition, the command line. */
  CONFIG,
  /** The source: unreachable, refused, changed, or holding rows that cannot be refreshed. */
  SOURCE,
  /** The home Postgres: unreachable, read-only, full, or its target not as it was planned. */
  HOME,
  /** A rule that protects data stopped the refresh. */
  GUARD,
  /** The request does not fit the present state. */
  CONFLICT,
  /** A defect of Tidemark. */
  INTERNAL
}
