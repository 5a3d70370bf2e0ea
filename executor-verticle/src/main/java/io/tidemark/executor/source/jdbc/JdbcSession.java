package io.tidemark.executor.source.jdbc;

import io.tidemark.common.config.SourceDefinition.JdbcSource;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/**
 * Connections to a source that read and do not write, in one transaction of the database's
 * strictest useful isolation. Secrets are resolved.
 */
public final class JdbcSession {
  private final JdbcSource source;
  private final Drivers drivers;
  private final Dialect dialect;
  private final JdbcFailure failure;

  JdbcSession(JdbcSource source, Drivers drivers) {
    this.source = source;
    this.drivers = drivers;
    this.dialect = Dialect.of(source.url());
    this.failure = new JdbcFailure(source, "source", "url");
  }

  private JdbcSession(JdbcSource source, String place, String urlField) {
    this.source = source;
    this.drivers = Drivers.standard();
    this.dialect = Dialect.of(source.url());
    this.failure = new JdbcFailure(source, place, urlField);
  }

  /** To a database that is no source itself, but says where one is: {@code source.catalog}. */
  public static JdbcSession ofCatalog(
      String uri, Optional<String> user, Optional<String> password) {
    return new JdbcSession(
        new JdbcSource(
            uri,
            user,
            password,
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            1,
            Optional.empty(),
            Optional.empty(),
            false),
        "source.catalog",
        "uri");
  }

  /**
   * What an error means; see {@link JdbcFailure#working}.
   *
   * @return what another connection can mend
   * @throws TidemarkException where it would come back each time
   */
  public SQLException failing(Connection connection, String doing, SQLException error) {
    return failure.working(connection, doing, error);
  }

  Dialect dialect() {
    return dialect;
  }

  JdbcFailure failure() {
    return failure;
  }

  /**
   * Opens one.
   *
   * @throws TidemarkException where what the user wrote is wrong
   * @throws SQLException where trying again can help
   */
  public Connection open() throws SQLException {
    var connection = connect();
    try {
      prepare(connection);
      return connection;
    } catch (SQLException e) {
      var what = failure.working(connection, "no session can begin", e);
      close(connection);
      throw what;
    } catch (RuntimeException e) {
      close(connection);
      throw e;
    }
  }

  private Connection connect() throws SQLException {
    try {
      var connection =
          drivers.forUrl(source.url(), source.driver()).connect(source.url(), properties());
      if (connection == null) {
        throw new TidemarkException(
            ErrorCode.CONFIG_INVALID,
            "the driver "
                + source.driver().orElse("")
                + " does not take "
                + Drivers.prefix(source.url()));
      }
      return connection;
    } catch (SQLException e) {
      throw failure.connecting(e);
    }
  }

  private Properties properties() {
    var properties = new Properties();
    dialect
        .options()
        .forEach(
            (name, value) -> {
              if (!source.url().contains(name + "=")) {
                properties.setProperty(name, value);
              }
            });
    source.user().ifPresent(user -> properties.setProperty("user", user));
    source.password().ifPresent(password -> properties.setProperty("password", password));
    return properties;
  }

  private void prepare(Connection connection) throws SQLException {
    try (var statement = connection.createStatement()) {
      for (var sql : dialect.session()) {
        statement.execute(sql);
      }
    }
    connection.setReadOnly(true);
    var isolation = Connection.TRANSACTION_REPEATABLE_READ;
    if (connection.getMetaData().supportsTransactionIsolationLevel(isolation)) {
      connection.setTransactionIsolation(isolation);
    }
    // Postgres holds all rows of a result where this is on.
    connection.setAutoCommit(false);
  }

  /** A statement whose result is streamed. */
  PreparedStatement streaming(Connection connection, String sql, int fetchSize)
      throws SQLException {
    var statement =
        connection.prepareStatement(sql, ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY);
    try {
      statement.setFetchSize(dialect.fetchSize(fetchSize));
      return statement;
    } catch (SQLException | RuntimeException e) {
      close(statement);
      throw e;
    }
  }

  /** After an error, which says more than what closing adds. */
  static void close(AutoCloseable open) {
    try {
      open.close();
    } catch (Exception e) {
      // What was open is of no use, closed or not.
    }
  }
}
