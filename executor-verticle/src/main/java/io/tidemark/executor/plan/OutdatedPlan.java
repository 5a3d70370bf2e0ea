package io.tidemark.executor.plan;

import java.sql.SQLException;
import java.util.Set;

/**
 * Tells by what Postgres says that a plan fits source or target no more. Such a plan can never run
 * again, whatever is tried: the next refresh needs a new one.
 */
public final class OutdatedPlan {
  /**
   * Undefined schema, table, column, function or type; a column of another type, or one that may
   * not be written any more; another kind of relation.
   */
  private static final Set<String> STATES =
      Set.of(
          "3F000", "42P01", "42703", "42883", "42704", "42804", "42846", "42725", "428C9", "42809");

  private OutdatedPlan() {}

  /** Only of statements that were made from a plan. */
  public static boolean shows(SQLException error) {
    return error.getSQLState() != null && STATES.contains(error.getSQLState());
  }
}
