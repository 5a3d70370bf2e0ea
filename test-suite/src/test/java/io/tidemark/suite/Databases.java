package io.tidemark.suite;

import io.tidemark.common.home.PostgresAddress;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A fresh source and a fresh home in one embedded Postgres, which the whole JVM shares. */
public final class Databases implements AutoCloseable {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  public final PostgresAddress sourceAddress;
  public final PostgresAddress homeAddress;
  public final Connection source;
  public final Connection home;

  public Databases() throws SQLException {
    this(Server.POSTGRES.getPort(), Server.POSTGRES.getPort());
  }

  /** On servers of the test's own. */
  Databases(int sourcePort, int homePort) throws SQLException {
    this(sourcePort, homePort, "pg_default");
  }

  /**
   * On servers of the test's own.
   *
   * @param homeTablespace in which all of the home lies
   */
  Databases(int sourcePort, int homePort, String homeTablespace) throws SQLException {
    var number = NUMBER.incrementAndGet();
    sourceAddress = create(sourcePort, "source" + number, "pg_default");
    homeAddress = create(homePort, "home" + number, homeTablespace);
    source = sourceAddress.connect("test");
    home = homeAddress.connect("test");
    execute(source, "SET TimeZone = 'UTC'");
    execute(home, "SET TimeZone = 'UTC'");
  }

  public static void execute(Connection connection, String... statements) throws SQLException {
    try (var statement = connection.createStatement()) {
      for (var sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** The first column of all rows, as text. */
  public static List<String> column(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      var values = new ArrayList<String>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    }
  }

  /** The first column of the first row, as a number; 0 where it is null or there is no row. */
  public static long number(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      return rows.next() ? rows.getLong(1) : 0;
    }
  }

  @Override
  public void close() throws SQLException {
    source.close();
    home.close();
    drop(sourceAddress);
    drop(homeAddress);
  }

  /** What all tests leave would take long to delete at the end; a server of one test goes whole. */
  private static void drop(PostgresAddress database) throws SQLException {
    if (database.port() == sharedPort()) {
      try (var admin = server(sharedPort()).connect("test")) {
        execute(admin, "DROP DATABASE IF EXISTS " + database.database() + " WITH (FORCE)");
      }
    }
  }

  /** The port of the server that is shared. */
  static int sharedPort() {
    return Server.POSTGRES.getPort();
  }

  private static PostgresAddress create(int port, String name, String tablespace)
      throws SQLException {
    var server = server(port);
    try (var admin = server.connect("test")) {
      execute(
          admin,
          "CREATE DATABASE %s TEMPLATE template0 LOCALE 'C' ENCODING 'UTF8' TABLESPACE %s"
              .formatted(name, tablespace));
    }
    return server.withDatabase(name);
  }

  /** Where databases and tablespaces of a server are made. */
  static PostgresAddress server(int port) {
    return new PostgresAddress(
        "localhost", port, "postgres", "postgres", Optional.empty(), Map.of());
  }

  /** Started when first used; its own shutdown hook stops it. */
  private static final class Server {
    static final EmbeddedPostgres POSTGRES = start();

    private static EmbeddedPostgres start() {
      try {
        return EmbeddedPostgres.builder().start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
