package io.tidemark.suite;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.SortedMap;

/** Rows of a table in a database, replaced in one transaction. */
final class TableSource {
  private TableSource() {}

  static void replace(Connection connection, String table, SortedMap<Integer, String> rows)
      throws SQLException {
    connection.setAutoCommit(false);
    Databases.execute(connection, "DELETE FROM " + table);
    try (var insert =
        connection.prepareStatement("INSERT INTO " + table + " (id, v) VALUES (?, ?)")) {
      for (var row : rows.entrySet()) {
        insert.setInt(1, row.getKey());
        insert.setString(2, row.getValue());
        insert.addBatch();
      }
      insert.executeBatch();
    }
    connection.commit();
    connection.setAutoCommit(true);
  }
}
