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

/** A fresh home in one embedded Postgres, which the whole JVM shares. */
final class HomeDatabase implements AutoCloseable {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  final PostgresAddress address;
  private final Connection connection;

  HomeDatabase() throws SQLException {
    var server =
        new PostgresAddress(
            "localhost",
            Server.POSTGRES.getPort(),
            "postgres",
            "postgres",
            Optional.empty(),
            Map.of());
    address = server.withDatabase("home" + NUMBER.incrementAndGet());
    try (var admin = server.connect("test");
        var statement = admin.createStatement()) {
      statement.execute("CREATE DATABASE " + address.database());
    }
    HomeSchema.migrate(address);
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
