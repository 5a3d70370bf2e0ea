package io.tidemark.executor.source.postgres;

import io.tidemark.common.config.SourceDefinition.PostgresSource;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.QualifiedName;
import io.tidemark.executor.merge.ConnectionLoss;
import io.tidemark.executor.plan.RowCondition;
import io.tidemark.executor.source.SourceColumn;
import java.sql.Connection;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a query of the source yields, as its server describes it. */
final class QueryColumns {
  private static final String REMEDY =
      "Write one SELECT; relations, functions and types outside pg_catalog need their schema.";

  private QueryColumns() {}

  /** As FROM takes it. The line break ends a comment that the query may end in. */
  static String relation(String query) {
    return "(" + query.strip().replaceFirst(";\\s*\\z", "") + "\n) AS source";
  }

  /**
   * Lets the source parse and plan it; no row is read.
   *
   * @return those of {@code source.columns}, in that order, or all
   * @throws TidemarkException CONFIG_INVALID where the source refuses the query or its condition,
   *     or where a column has no name of its own; COLUMN_MISSING
   */
  static List<SourceColumn> of(Connection source, String relation, PostgresSource definition)
      throws SQLException {
    var sql =
        "SELECT * FROM "
            + relation
            + definition.where().map(it -> " WHERE " + RowCondition.conjunct(it)).orElse("")
            + " LIMIT 0";
    var columns = new ArrayList<SourceColumn>();
    try (var statement = source.createStatement()) {
      statement.setEscapeProcessing(false);
      try (var rows = statement.executeQuery(sql)) {
        var found = rows.getMetaData();
        for (var i = 1; i <= found.getColumnCount(); i++) {
          columns.add(new SourceColumn(found.getColumnLabel(i), type(found, i), false, false));
        }
      }
    } catch (SQLException e) {
      if (ConnectionLoss.isIn(e)) {
        throw e;
      }
      throw invalid("the source refuses it: " + firstLine(e), REMEDY);
    }
    requireNames(columns);
    return definition.columns().isEmpty() ? columns : wanted(columns, definition.columns());
  }

  /** With the length or precision that matters to whoever makes a column of it. */
  private static String type(ResultSetMetaData found, int column) throws SQLException {
    var name = found.getColumnTypeName(column);
    var precision = found.getPrecision(column);
    return switch (name) {
      // What the driver calls columns that number themselves.
      case "smallserial" -> "smallint";
      case "serial" -> "integer";
      case "bigserial" -> "bigint";
      case "numeric" ->
          precision > 0 ? "numeric(" + precision + "," + found.getScale(column) + ")" : name;
      case "varchar", "bpchar" ->
          precision > 0 && precision < Integer.MAX_VALUE ? name + "(" + precision + ")" : name;
      default -> name;
    };
  }

  private static void requireNames(List<SourceColumn> columns) {
    var seen = new HashSet<String>();
    for (var column : columns) {
      if (!seen.add(column.name())) {
        throw invalid(
            "two of its columns are called " + QualifiedName.shown(column.name()),
            "Give each a name of its own with AS.");
      }
    }
  }

  private static List<SourceColumn> wanted(List<SourceColumn> columns, List<String> names) {
    var wanted = new ArrayList<SourceColumn>();
    for (var written : names) {
      var column =
          named(columns, written)
              .orElseThrow(
                  () ->
                      new TidemarkException(
                          ErrorReport.of(
                                  ErrorCode.COLUMN_MISSING,
                                  "source.columns: the query has no column " + written)
                              .withHint(
                                  "Correct the name; the columns are "
                                      + columns.stream()
                                          .map(it -> QualifiedName.shown(it.name()))
                                          .collect(Collectors.joining(", "))
                                      + ".")));
      if (wanted.contains(column)) {
        throw new TidemarkException(
            ErrorCode.CONFIG_INVALID, "source.columns: column " + written + " is named twice");
      }
      wanted.add(column);
    }
    return wanted;
  }

  private static Optional<SourceColumn> named(List<SourceColumn> columns, String written) {
    var exact = columns.stream().filter(it -> it.name().equals(written)).findFirst();
    if (exact.isPresent()) {
      return exact;
    }
    try {
      var name = QualifiedName.parseIdentifier(written);
      return columns.stream().filter(it -> it.name().equals(name)).findFirst();
    } catch (TidemarkException notAName) {
      return Optional.empty();
    }
  }

  private static TidemarkException invalid(String what, String remedy) {
    return new TidemarkException(
        ErrorReport.of(ErrorCode.CONFIG_INVALID, "source.query: " + what).withHint(remedy));
  }

  private static String firstLine(SQLException e) {
    return String.valueOf(e.getMessage())
        .lines()
        .findFirst()
        .orElse("")
        .replaceFirst("^ERROR: ", "");
  }
}
