package io.tidemark.executor.plan;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.executor.catalog.Relation;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** The source's {@code where}. */
public final class RowCondition {
  private RowCondition() {}

  /** As a conjunct. The line break ends a comment that the condition may end in. */
  public static String conjunct(String where) {
    return "(" + where + "\n)";
  }

  /** Lets the source parse it, without running it. */
  static Optional<Problem> problem(Connection connection, Relation source, Optional<String> where)
      throws SQLException {
    if (where.isEmpty()) {
      return Optional.empty();
    }
    var savepoint = connection.getAutoCommit() ? null : connection.setSavepoint();
    try (var statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute(
          "EXPLAIN SELECT FROM " + source.name().quoted() + " WHERE " + conjunct(where.get()));
      if (savepoint != null) {
        connection.releaseSavepoint(savepoint);
      }
      return Optional.empty();
    } catch (SQLException e) {
      if (e.getSQLState() == null || e.getSQLState().startsWith("08")) {
        throw e; // the connection is lost: nothing is known about the condition
      }
      if (savepoint != null) {
        connection.rollback(savepoint);
      }
      return Optional.of(
          Problem.of(
              ErrorCode.CONFIG_INVALID,
              "source.where",
              "the source refuses the condition: " + firstLine(e),
              "Write a SQL condition on the columns of "
                  + source.name()
                  + "; functions and types outside pg_catalog need their schema."));
    }
  }

  private static String firstLine(SQLException e) {
    return String.valueOf(e.getMessage())
        .lines()
        .findFirst()
        .orElse("")
        .replaceFirst("^ERROR: ", "");
  }
}
