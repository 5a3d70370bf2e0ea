package io.tidemark.suite.scenario;

import io.tidemark.suite.Databases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** A table in the source, a view of it, or a query. */
final class PostgresSource implements ScenarioSource {
  private final Databases databases;
  private final Path folder;
  private final String table;
  private final String definition;
  private @Nullable Shape shape;

  /**
   * @param folder for what it writes on the way
   * @param relation the field of {@code source} that says what is read; %s: the table
   */
  PostgresSource(Databases databases, Path folder, String name, String relation, String merge) {
    this.databases = databases;
    this.folder = folder;
    this.table = "public." + name;
    this.definition =
        "source: {type: postgres, url: \"%s\", %s}, merge: %s"
            .formatted(databases.sourceAddress.url(), relation.formatted(table), merge);
  }

  @Override
  public String definition(boolean oneMoment) {
    return definition;
  }

  @Override
  public void replace(Version version) throws SQLException, IOException {
    databases.source.setAutoCommit(false);
    if (version.shape().equals(shape)) {
      Databases.execute(databases.source, "DELETE FROM " + table);
    } else {
      Databases.execute(
          databases.source,
          "DROP TABLE IF EXISTS " + table + " CASCADE",
          "CREATE TABLE " + table + " " + version.shape().sql(ValueType::sql),
          "CREATE VIEW %s_seen AS SELECT * FROM %s".formatted(table, table));
    }
    var lines = folder.resolve(table + ".csv");
    Csv.write(lines, version.shape(), version.rows());
    try (var in = Files.newInputStream(lines)) {
      databases
          .source
          .unwrap(PGConnection.class)
          .getCopyAPI()
          .copyIn("COPY " + table + " FROM STDIN (FORMAT csv, HEADER)", in);
    }
    databases.source.commit();
    databases.source.setAutoCommit(true);
    shape = version.shape();
  }

  /** Readers keep the table from being dropped: then it stays. */
  @Override
  public void drop() throws SQLException {
    try {
      Databases.execute(
          databases.source, "SET lock_timeout = '300ms'", "DROP TABLE " + table + " CASCADE");
      shape = null;
    } catch (SQLException e) {
      if (!"55P03".equals(e.getSQLState())) {
        throw e;
      }
    } finally {
      Databases.execute(databases.source, "RESET lock_timeout");
    }
  }

  @Override
  public void fail() throws SQLException {
    allow(false);
    Databases.execute(
        databases.source,
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
        """);
  }

  @Override
  public void mend() throws SQLException {
    allow(true);
  }

  private void allow(boolean allowed) throws SQLException {
    Databases.execute(
        databases.home,
        "ALTER DATABASE %s ALLOW_CONNECTIONS %s"
            .formatted(databases.sourceAddress.database(), allowed));
  }

  @Override
  public void close() throws SQLException {
    Databases.execute(databases.source, "DROP TABLE IF EXISTS " + table + " CASCADE");
  }
}
