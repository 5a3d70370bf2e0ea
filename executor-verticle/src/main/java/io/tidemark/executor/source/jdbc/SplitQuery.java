package io.tidemark.executor.source.jdbc;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The SELECT of a split: the wanted columns, then those of the key, in the key's order where it has
 * one that can be gone on from.
 */
final class SplitQuery {
  private final Relation relation;
  private final KeyRange range;
  private final List<JdbcColumn> wanted;
  private final List<Reading> readings;
  private final List<JdbcColumn> key;
  private final List<Reading> keyReadings;
  private final Function<JdbcColumn, Reading> reading;

  SplitQuery(
      Relation relation,
      List<JdbcColumn> wanted,
      KeyRange range,
      Function<JdbcColumn, Reading> reading) {
    this.relation = relation;
    this.range = range;
    this.wanted = wanted;
    this.reading = reading;
    this.readings = wanted.stream().map(reading).toList();
    var ordered =
        relation.key().stream().allMatch(column -> reading.apply(column).key().isPresent());
    this.key = ordered ? relation.key() : List.of();
    this.keyReadings = key.stream().map(reading).toList();
  }

  Relation relation() {
    return relation;
  }

  /** Of the wanted columns. */
  List<Reading> readings() {
    return readings;
  }

  /** Columns that the rows are ordered by: no two rows are alike in them. Empty: no order. */
  List<JdbcColumn> key() {
    return key;
  }

  /** Of the key's columns, which follow the wanted ones in a row. */
  List<Reading> keyReadings() {
    return keyReadings;
  }

  /**
   * Sum of what the wanted columns may hold, each counted up to a limit.
   *
   * @param limit in characters
   */
  long width(int limit) {
    return wanted.stream()
        .mapToLong(it -> it.precision() <= 0 || it.precision() > limit ? limit : it.precision())
        .sum();
  }

  /** The primary key's index serves condition and order. */
  String sql(Optional<List<String>> after) {
    var selected = new ArrayList<String>();
    for (var column = 0; column < wanted.size(); column++) {
      selected.add(expression(wanted.get(column), readings.get(column)));
    }
    for (var column = 0; column < key.size(); column++) {
      selected.add(expression(key.get(column), keyReadings.get(column)));
    }
    var conditions = new ArrayList<String>();
    splitColumn().ifPresent(it -> conditions.addAll(range.conditions(relation.quoted(it))));
    after.ifPresent(it -> conditions.add(beyond()));
    return relation.select(selected, conditions, key.stream().map(relation::quoted).toList());
  }

  /** Sets the parameters of {@link #sql}. */
  void bind(PreparedStatement statement, Optional<List<String>> after) throws SQLException {
    var parameter = 1;
    if (splitColumn().isPresent()) {
      var kind = reading.apply(splitColumn().get()).key().orElseThrow();
      for (var bound : range.bounds()) {
        kind.bind(statement, parameter++, bound);
      }
    }
    if (after.isPresent()) {
      bind(statement, parameter, 0, after.get());
      parameter++;
      for (var last = 0; last < key.size(); last++) {
        for (var column = 0; column <= last; column++) {
          bind(statement, parameter++, column, after.get());
        }
      }
    }
  }

  private void bind(PreparedStatement statement, int parameter, int column, List<String> after)
      throws SQLException {
    keyReadings.get(column).key().orElseThrow().bind(statement, parameter, after.get(column));
  }

  /**
   * Rows after a key: {@code a >= ? AND (a > ? OR a = ? AND b > ?)}. The first condition is
   * implied; it is what an index is entered by. Row values would say it shorter, but not
   * everywhere.
   */
  private String beyond() {
    var either = new ArrayList<String>();
    for (var last = 0; last < key.size(); last++) {
      var all = new ArrayList<String>();
      for (var column = 0; column < last; column++) {
        all.add(relation.quoted(key.get(column)) + " = ?");
      }
      all.add(relation.quoted(key.get(last)) + " > ?");
      either.add(String.join(" AND ", all));
    }
    return relation.quoted(key.getFirst()) + " >= ? AND (" + String.join(" OR ", either) + ")";
  }

  private Optional<JdbcColumn> splitColumn() {
    return range
        .column()
        .map(
            name ->
                relation.columns().stream()
                    .filter(it -> it.name().equals(name))
                    .findFirst()
                    .or(
                        () ->
                            relation.key().stream()
                                .filter(it -> it.name().equals(name))
                                .findFirst())
                    .orElseThrow(() -> JdbcConnector.changed("column " + name + " is gone")));
  }

  private String expression(JdbcColumn column, Reading how) {
    return how.expression().replace("%s", relation.quoted(column));
  }
}
