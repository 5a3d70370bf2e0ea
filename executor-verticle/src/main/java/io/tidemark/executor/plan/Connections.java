package io.tidemark.executor.plan;

import io.tidemark.common.home.PostgresAddress;
import java.sql.Connection;
import java.sql.SQLException;

/** Opens connections whose sessions are set alike, see {@link Sessions}. */
public final class Connections {
  private Connections() {}

  /**
   * For reading a source.
   *
   * @param name how the server's {@code pg_stat_activity} shows it
   */
  public static Connection source(PostgresAddress address, String name) throws SQLException {
    return configured(address.connect(name), Sessions::configureSource);
  }

  /** For reading and writing the home; each statement its own transaction until told otherwise. */
  public static Connection home(PostgresAddress address, String name) throws SQLException {
    return configured(address.connect(name), Sessions::configureHome);
  }

  private interface Settings {
    void apply(Connection connection) throws SQLException;
  }

  private static Connection configured(Connection connection, Settings settings)
      throws SQLException {
    try {
      settings.apply(connection);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }
}
