package io.tidemark.executor.plan;

import io.tidemark.common.bus.Json;
import io.tidemark.common.config.GuardPolicy;
import io.tidemark.common.config.MergeChoice;
import io.tidemark.common.config.Schedule;
import io.tidemark.common.config.SourceDefinition.PostgresSource;
import io.tidemark.common.config.StagingPolicy;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.home.HomeSchema;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.refresh.Consistency;
import io.tidemark.common.refresh.Visibility;
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

/**
 * A fresh source and a fresh home with its schema in one embedded Postgres, which the JVM shares.
 */
public final class TwoDatabases implements AutoCloseable {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  public final PostgresAddress sourceAddress;
  public final PostgresAddress homeAddress;
  public final Connection source;
  public final Connection home;

  public TwoDatabases() throws SQLException {
    this("TEMPLATE template0 LOCALE 'C' ENCODING 'UTF8'");
  }

  /** With this after the source's CREATE DATABASE. */
  public TwoDatabases(String sourceOptions) throws SQLException {
    var number = NUMBER.incrementAndGet();
    sourceAddress = create("source" + number, sourceOptions);
    homeAddress = create("home" + number, "TEMPLATE " + Server.HOME);
    source = sourceAddress.connect("test");
    home = homeAddress.connect("test");
    Sessions.configureHome(source); // tests write to it too
    Sessions.configureHome(home);
  }

  public TwoDatabases atSource(String... statements) throws SQLException {
    run(source, statements);
    return this;
  }

  public TwoDatabases atHome(String... statements) throws SQLException {
    run(home, statements);
    return this;
  }

  public TwoDatabases atBoth(String... statements) throws SQLException {
    return atSource(statements).atHome(statements);
  }

  RefreshPlan plan(TableDefinition table) throws SQLException {
    return Planner.plan(table, source, home);
  }

  public static void run(Connection connection, String... statements) throws SQLException {
    try (var statement = connection.createStatement()) {
      for (var sql : statements) {
        statement.execute(sql);
      }
    }
  }

  public static List<String> column(Connection connection, String query) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(query)) {
      var values = new ArrayList<String>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    }
  }

  /** A definition of table t, everything else by default. */
  public static TableDefinition table(String sourceTable, String target, String... key) {
    return new TableDefinition(
        "t",
        new PostgresSource(
            "postgresql://nowhere/none",
            Optional.empty(),
            Optional.empty(),
            Optional.of(sourceTable),
            Optional.empty(),
            List.of(),
            Optional.empty()),
        target,
        List.of(key),
        TableDefinition.DEFAULT_VNODES,
        Visibility.ATOMIC,
        Consistency.RESUME,
        new Schedule.OnDemand(),
        Optional.empty(),
        Optional.empty(),
        GuardPolicy.DEFAULT,
        MergeChoice.AUTO,
        StagingPolicy.DEFAULT,
        "{}");
  }

  static TableDefinition with(TableDefinition table, PostgresSource source) {
    return new TableDefinition(
        table.name(),
        source,
        table.target(),
        table.key(),
        table.vnodes(),
        table.visibility(),
        table.consistency(),
        table.schedule(),
        table.timeout(),
        table.rowsPerSecond(),
        table.guard(),
        table.merge(),
        table.staging(),
        table.written());
  }

  static TableDefinition with(TableDefinition table, Visibility visibility) {
    return new TableDefinition(
        table.name(),
        table.source(),
        table.target(),
        table.key(),
        table.vnodes(),
        visibility,
        table.consistency(),
        table.schedule(),
        table.timeout(),
        table.rowsPerSecond(),
        table.guard(),
        table.merge(),
        table.staging(),
        table.written());
  }

  public static TableDefinition with(TableDefinition table, MergeChoice merge) {
    return new TableDefinition(
        table.name(),
        table.source(),
        table.target(),
        table.key(),
        table.vnodes(),
        table.visibility(),
        table.consistency(),
        table.schedule(),
        table.timeout(),
        table.rowsPerSecond(),
        table.guard(),
        merge,
        table.staging(),
        table.written());
  }

  public static TableDefinition with(TableDefinition table, StagingPolicy staging) {
    return new TableDefinition(
        table.name(),
        table.source(),
        table.target(),
        table.key(),
        table.vnodes(),
        table.visibility(),
        table.consistency(),
        table.schedule(),
        table.timeout(),
        table.rowsPerSecond(),
        table.guard(),
        table.merge(),
        staging,
        table.written());
  }

  /** With a query in place of the source's table. */
  public static TableDefinition query(TableDefinition table, String query) {
    var source = (PostgresSource) table.source();
    return with(
        table,
        new PostgresSource(
            source.url(),
            source.user(),
            source.password(),
            Optional.empty(),
            Optional.of(query),
            List.of(),
            Optional.empty()));
  }

  public static TableDefinition where(TableDefinition table, String where) {
    return with(table, source(table, List.of(), Optional.of(where)));
  }

  static TableDefinition columns(TableDefinition table, String... columns) {
    return with(table, source(table, List.of(columns), Optional.empty()));
  }

  private static PostgresSource source(
      TableDefinition table, List<String> columns, Optional<String> where) {
    var source = (PostgresSource) table.source();
    return new PostgresSource(
        source.url(),
        source.user(),
        source.password(),
        source.table(),
        source.query(),
        columns,
        where);
  }

  /** The plan as whoever resumes reads it. */
  static RefreshPlan stored(RefreshPlan plan) throws IOException {
    return Json.MAPPER.readValue(Json.MAPPER.writeValueAsString(plan), RefreshPlan.class);
  }

  @Override
  public void close() throws SQLException {
    source.close();
    home.close();
    Server.drop(sourceAddress, homeAddress);
  }

  private static PostgresAddress create(String name, String options) throws SQLException {
    return Server.create(name, options);
  }

  /** Started when first used; its own shutdown hook stops it. */
  private static final class Server {
    static final String HOME = "home_template";
    private static final String BYTE_ORDER = "TEMPLATE template0 LOCALE 'C' ENCODING 'UTF8'";
    private static final PostgresAddress ADDRESS = address(start());

    // Migrated once: to copy it is quicker.
    static {
      try {
        HomeSchema.migrate(create(HOME, BYTE_ORDER));
      } catch (SQLException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    static PostgresAddress create(String name, String options) throws SQLException {
      try (var admin = ADDRESS.connect("test")) {
        run(admin, "CREATE DATABASE " + name + " " + options);
      }
      return ADDRESS.withDatabase(name);
    }

    /** What all tests leave would take longer to delete at the end than the JVM is given. */
    static void drop(PostgresAddress... databases) throws SQLException {
      try (var admin = ADDRESS.connect("test")) {
        for (var it : databases) {
          run(admin, "DROP DATABASE IF EXISTS " + it.database() + " WITH (FORCE)");
        }
      }
    }

    private static PostgresAddress address(EmbeddedPostgres postgres) {
      return new PostgresAddress(
          "localhost", postgres.getPort(), "postgres", "postgres", Optional.empty(), Map.of());
    }

    private static EmbeddedPostgres start() {
      try {
        return EmbeddedPostgres.builder()
            .setServerConfig("max_connections", "200")
            .setServerConfig("fsync", "off")
            .setServerConfig("autovacuum", "off")
            .setServerConfig("logging_collector", "on")
            .setServerConfig("log_line_prefix", "%d@%a@")
            .start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
