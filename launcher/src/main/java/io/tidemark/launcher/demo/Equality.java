package io.tidemark.launcher.demo;

import io.tidemark.common.home.PostgresAddress;
import java.sql.SQLException;

/** What plain SQL says of a table: how many rows, and a sum over the hashes of all of them. */
record Equality(long rows, String hash) {
  static final String SQL =
      "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM %s t";

  static Equality of(PostgresAddress database, String table) throws SQLException {
    try (var connection = database.connect("tidemark demo");
        var statement = connection.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
      try (var row = statement.executeQuery(SQL.formatted(table))) {
        row.next();
        return new Equality(row.getLong(1), row.getString(2));
      }
    }
  }
}
