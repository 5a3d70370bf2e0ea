package io.tidemark.executor.source.jdbc;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Where splits begin and end. */
final class Boundaries {
  private static final int FETCH_SIZE = 1_000;

  private final JdbcSession session;
  private final Connection connection;
  private final Relation relation;
  private final JdbcColumn column;
  private final Reading reading;

  Boundaries(
      JdbcSession session,
      Connection connection,
      Relation relation,
      JdbcColumn column,
      Reading reading) {
    this.session = session;
    this.connection = connection;
    this.relation = relation;
    this.column = column;
    this.reading = reading;
  }

  /**
   * Bounds between splits.
   *
   * @param kind the column's
   * @return at most {@code splits - 1}, all different, ascending
   */
  List<String> between(KeyKind kind, int splits) throws SQLException {
    return kind == KeyKind.NUMBER ? evenly(splits) : byRank(splits);
  }

  /** Equal ranges of numbers. The key's index knows its ends. */
  private List<String> evenly(int splits) throws SQLException {
    var name = relation.quoted(column);
    var sql =
        relation.select(List.of("MIN(" + name + ")", "MAX(" + name + ")"), List.of(), List.of());
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      if (!rows.next()) {
        return List.of();
      }
      var least = rows.getBigDecimal(1);
      var most = rows.getBigDecimal(2);
      return least == null ? List.of() : evenly(least, most, splits);
    }
  }

  /** Whole numbers, so that any database compares them with its own. */
  static List<String> evenly(BigDecimal least, BigDecimal most, int splits) {
    var from = least.setScale(0, RoundingMode.FLOOR).toBigInteger();
    var width = most.setScale(0, RoundingMode.FLOOR).toBigInteger().subtract(from);
    var bounds = new ArrayList<String>();
    for (var split = 1; split < splits; split++) {
      var bound =
          from.add(width.multiply(BigInteger.valueOf(split)).divide(BigInteger.valueOf(splits)));
      if (bounds.isEmpty() || !bounds.getLast().equals(bound.toString())) {
        bounds.add(bound.toString());
      }
    }
    return bounds;
  }

  /** Every n-th value of the column in the database's order: an index on it is all that is read. */
  private List<String> byRank(int splits) throws SQLException {
    var name = relation.quoted(column);
    var notNull = List.of(name + " IS NOT NULL");
    var count = count(relation.select(List.of("COUNT(*)"), notNull, List.of()));
    var sql =
        relation.select(List.of(reading.expression().replace("%s", name)), notNull, List.of(name));
    var bounds = new ArrayList<String>();
    try (var statement = session.streaming(connection, sql, FETCH_SIZE);
        var rows = statement.executeQuery()) {
      for (long rank = 1; rows.next(); rank++) {
        if (bounds.size() < splits - 1 && rank >= (bounds.size() + 1) * count / splits) {
          var bound = reading.rendering().render(rows, 1);
          if (bound != null && (bounds.isEmpty() || !bounds.getLast().equals(bound))) {
            bounds.add(bound);
          }
        }
      }
    }
    return bounds;
  }

  private long count(String sql) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      return rows.next() ? rows.getLong(1) : 0;
    }
  }
}
