package io.tidemark.meta;

import io.tidemark.common.home.HomeSchema;
import io.tidemark.common.home.PostgresAddress;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A fresh home in one embedded Postgres, which the whole JVM shares: a copy of a migrated one. */
final class HomeDatabase implements AutoCloseable {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  final PostgresAddress address;
  private final Connection connection;

  HomeDatabase() throws SQLException {
    address = Server.create("home" + NUMBER.incrementAndGet(), " TEMPLATE " + Server.TEMPLATE);
    connection = address.connect("test");
  }

  void execute(String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The first column of the first row, as text; "" where it is null or there is no row. */
  String value(String sql) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      var value = rows.next() ? rows.getString(1) : null;
      return value == null ? "" : value;
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
    Server.drop(address);
  }

  /** Started when first used; its own shutdown hook stops it. */
  private static final class Server {
    static final String TEMPLATE = "migrated";
    private static final PostgresAddress ADDRESS = start();

    static {
      try {
        HomeSchema.migrate(create(TEMPLATE, ""));
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }

    static PostgresAddress create(String name, String options) throws SQLException {
      try (var admin = ADDRESS.connect("test");
          var statement = admin.createStatement()) {
        statement.execute("CREATE DATABASE " + name + options);
      }
      return ADDRESS.withDatabase(name);
    }

    static void drop(PostgresAddress database) throws SQLException {
      try (var admin = ADDRESS.connect("test");
          var statement = admin.createStatement()) {
        statement.execute("DROP DATABASE IF EXISTS " + database.database() + " WITH (FORCE)");
      }
    }

    private static PostgresAddress start() {
      try {
        var port = EmbeddedPostgres.builder().start().getPort();
        return new PostgresAddress(
            "localhost", port, "postgres", "postgres", Optional.empty(), Map.of());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
