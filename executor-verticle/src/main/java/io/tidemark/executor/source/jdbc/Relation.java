package io.tidemark.executor.source.jdbc;

import java.util.List;
import java.util.Optional;

/**
 * What a source reads from.
 *
 * @param name what people call it
 * @param from what stands after FROM
 * @param where a condition on all that is read
 * @param quote what the database puts around names
 * @param columns those that are read, in order
 * @param key the primary key's columns, which need not be among those; empty: none
 * @param rows about; 0: not known
 * @param bytes likewise
 */
record Relation(
    String name,
    String from,
    Optional<String> where,
    String quote,
    List<JdbcColumn> columns,
    List<JdbcColumn> key,
    long rows,
    long bytes) {
  Relation {
    columns = List.copyOf(columns);
    key = List.copyOf(key);
  }

  /** A column's name as SQL. */
  String quoted(JdbcColumn column) {
    return quoted(quote, column.name());
  }

  static String quoted(String quote, String name) {
    return quote + name.replace(quote, quote + quote) + quote;
  }

  /**
   * A SELECT.
   *
   * @param columns SQL of what is selected
   * @param conditions beside its own; all must hold
   * @param order what stands after ORDER BY; empty: no order
   */
  String select(List<String> columns, List<String> conditions, List<String> order) {
    var sql = new StringBuilder("SELECT ").append(String.join(", ", columns));
    sql.append("\nFROM ").append(from);
    var word = "\nWHERE ";
    // A line of its own: the condition may end in a comment.
    for (var condition : where.stream().map(it -> "(" + it + "\n)").toList()) {
      sql.append(word).append(condition);
      word = "\n  AND ";
    }
    for (var condition : conditions) {
      sql.append(word).append(condition);
      word = "\n  AND ";
    }
    if (!order.isEmpty()) {
      sql.append("\nORDER BY ").append(String.join(", ", order));
    }
    return sql.toString();
  }
}
