package io.tidemark.executor.plan;

/**
 * The type of a key column, by what is known of its order. All but the last have a binary form
 * whose order is the same in every Postgres.
 */
public enum KeyType {
  INT2,
  INT4,
  INT8,
  UUID,
  DATE,
  /** Microseconds since 2000-01-01. */
  TIMESTAMP,
  TIMESTAMPTZ,
  BYTEA,
  /** Text or varchar in collation "C" or "POSIX", in UTF-8. */
  TEXT,
  /**
   * Any other: its order is the home's own, so only rows that are staged there are compared by it.
   */
  HOME_ORDERED
}
