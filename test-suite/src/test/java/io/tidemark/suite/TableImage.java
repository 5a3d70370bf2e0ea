package io.tidemark.suite;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.postgresql.PGConnection;

/**
 * All rows of a table, as the test itself reads them.
 *
 * @param rows by key, both as Postgres writes them
 * @param bytes a hash over the binary COPY of all rows in key order
 */
record TableImage(Map<String, String> rows, String bytes) {
  private static final String VALUES = "v1, v2, v3, v4, v5, v6, v7";

  static TableImage of(Connection connection, String table, String key) throws Exception {
    return new TableImage(rows(connection, table, key), hash(connection, table, key));
  }

  /** Only the rows. */
  static Map<String, String> rows(Connection connection, String table, String key)
      throws SQLException {
    var rows = new HashMap<String, String>();
    try (var statement = connection.createStatement();
        var result =
            statement.executeQuery(
                "SELECT ROW(%s)::text, ROW(%s)::text FROM %s".formatted(key, VALUES, table))) {
      while (result.next()) {
        rows.put(result.getString(1), result.getString(2));
      }
    }
    return rows;
  }

  /** Differences that make this one the other: counts of inserts, updates, deletes. */
  record Difference(long inserted, long updated, long deleted) {}

  Difference to(TableImage after) {
    var inserted = after.rows.keySet().stream().filter(key -> !rows.containsKey(key)).count();
    var deleted = rows.keySet().stream().filter(key -> !after.rows.containsKey(key)).count();
    var updated =
        after.rows.entrySet().stream()
            .filter(row -> rows.containsKey(row.getKey()))
            .filter(row -> !row.getValue().equals(rows.get(row.getKey())))
            .count();
    return new Difference(inserted, updated, deleted);
  }

  private static String hash(Connection connection, String table, String key)
      throws SQLException, IOException, NoSuchAlgorithmException {
    var bytes = new ByteArrayOutputStream();
    connection
        .unwrap(PGConnection.class)
        .getCopyAPI()
        .copyOut(
            "COPY (SELECT %s, %s FROM %s ORDER BY %s) TO STDOUT (FORMAT binary)"
                .formatted(key, VALUES, table, key),
            bytes);
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray()));
  }
}
