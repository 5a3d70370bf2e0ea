package io.tidemark.executor.source.jdbc;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import java.util.Optional;

/**
 * How a column is read.
 *
 * @param type the Postgres type that holds all its values
 * @param guessed whether the target's own type may be another that reads the same text
 * @param expression SQL with one %s for the quoted column: where the server writes a value better
 *     than the driver
 * @param key how it is compared; empty: it is no key
 */
record Reading(
    String type, boolean guessed, String expression, Rendering rendering, Optional<KeyKind> key) {

  static Reading of(String type, Rendering rendering) {
    return new Reading(type, false, "%s", rendering, Optional.empty());
  }

  Reading key(KeyKind kind) {
    return new Reading(type, guessed, expression, rendering, Optional.of(kind));
  }

  /** The target may have a type of its own. */
  Reading orWhatTheTargetHas() {
    return new Reading(type, true, expression, rendering, key);
  }

  Reading as(String sql) {
    return new Reading(type, guessed, sql, rendering, key);
  }

  /**
   * Of a column.
   *
   * @param nullZeroDates whether dates that hold zeros are null
   * @throws TidemarkException TYPE_INCOMPATIBLE where nothing in Postgres holds its values
   */
  static Reading of(JdbcColumn column, Dialect dialect, boolean nullZeroDates) {
    var reading =
        switch (dialect) {
          case MARIADB, MYSQL -> MySqlTypes.reading(column, nullZeroDates);
          case POSTGRES -> PostgresTypes.reading(column);
          case H2, STANDARD -> StandardTypes.reading(column);
        };
    return reading.orElseThrow(
        () ->
            new TidemarkException(
                ErrorReport.of(
                        ErrorCode.TYPE_INCOMPATIBLE,
                        "column "
                            + column.name()
                            + " has the type "
                            + column.declared()
                            + ", which no Postgres type holds")
                    .withHint("Leave it out with source.columns, or cast it in a source.query.")));
  }
}
