package io.tidemark.executor.plan;

/** Key types whose order is the same in every Postgres, by their binary form. */
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
  TEXT
}
