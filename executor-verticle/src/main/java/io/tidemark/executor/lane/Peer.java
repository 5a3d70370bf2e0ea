package io.tidemark.executor.lane;

import io.tidemark.common.home.PostgresAddress;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * A connection, and how to ask its server about it from another one.
 *
 * @param process of the server that serves it; asked of the server itself, since a pooler between
 *     tells another one
 */
public record Peer(Connection connection, PostgresAddress address, int process) {
  /** Asks the server, so inside a transaction this takes its snapshot. */
  public static Peer of(Connection connection, PostgresAddress address) throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery("SELECT pg_backend_pid()")) {
      row.next();
      return new Peer(connection, address, row.getInt(1));
    }
  }

  /** Cuts it, at once and without a word to the server: whoever waits for it gets an error. */
  void abort() {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      // It was gone already, which is what was wanted.
    }
  }
}
