package io.tidemark.executor.source.iceberg;

import io.tidemark.common.config.NearMiss;
import io.tidemark.common.config.SourceDefinition.IcebergCatalog;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.source.jdbc.JdbcSession;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.hadoop.HadoopFileIO;

/**
 * A JDBC catalog: table {@code iceberg_tables} of a database says where each table's newest
 * metadata is. Read by one SELECT: the library's own class would create its tables where they are
 * not there, and finds no driver of the folder {@code drivers/}.
 */
final class DatabaseCatalog implements IcebergCatalogs {
  private static final String TABLES = "iceberg_tables";

  /** As many names are looked at for one that was meant. */
  private static final int MAX_NAMES = 5_000;

  /** By the table's primary key. */
  private static final String FIND =
      """
      SELECT metadata_location FROM iceberg_tables
      WHERE catalog_name = ? AND table_namespace = ? AND table_name = ?
      """;

  private static final String NAMES =
      "SELECT catalog_name, table_namespace, table_name FROM iceberg_tables";

  private final IcebergCatalog catalog;
  private final Configuration settings;
  private final JdbcSession session;

  DatabaseCatalog(IcebergCatalog catalog, Configuration settings) {
    this.catalog = catalog;
    this.settings = settings;
    this.session =
        JdbcSession.ofCatalog(catalog.uri().orElseThrow(), catalog.user(), catalog.password());
  }

  @Override
  public Table load(TableIdentifier table) throws SQLException {
    var metadata = metadata(table);
    return new BaseTable(
        new StaticTableOperations(metadata, new HadoopFileIO(settings)), table.toString());
  }

  private String metadata(TableIdentifier table) throws SQLException {
    try (var connection = session.open()) {
      try {
        requireCatalog(connection);
        return find(connection, table).orElseThrow(() -> missing(names(connection), table));
      } catch (SQLException e) {
        throw session.failing(connection, "the catalog cannot be read", e);
      }
    }
  }

  private static void requireCatalog(Connection connection) throws SQLException {
    for (var name : List.of(TABLES, TABLES.toUpperCase(Locale.ROOT))) {
      try (var found = connection.getMetaData().getTables(null, null, name, null)) {
        if (found.next()) {
          return;
        }
      }
    }
    throw new TidemarkException(
        ErrorReport.of(
                ErrorCode.CONFIG_INVALID,
                "source.catalog.uri: that database holds no Iceberg catalog: it has no table "
                    + TABLES
                    + " that its user may see")
            .withHint("Correct the database's name, or the user's rights."));
  }

  private Optional<String> find(Connection connection, TableIdentifier table) throws SQLException {
    try (var statement = connection.prepareStatement(FIND)) {
      statement.setString(1, catalog.name());
      statement.setString(2, table.namespace().toString());
      statement.setString(3, table.name());
      try (var rows = statement.executeQuery()) {
        return rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty();
      }
    }
  }

  /** A table as the catalog lists it. */
  private record Listed(String catalog, String namespace, String name) {
    String table() {
      return namespace + "." + name;
    }
  }

  private static List<Listed> names(Connection connection) {
    var names = new ArrayList<Listed>();
    try (var statement = connection.createStatement()) {
      statement.setMaxRows(MAX_NAMES);
      try (var rows = statement.executeQuery(NAMES)) {
        while (rows.next()) {
          names.add(new Listed(rows.getString(1), rows.getString(2), rows.getString(3)));
        }
      }
    } catch (SQLException e) {
      return List.of(); // that the table is missing is said anyway
    }
    return names;
  }

  private TidemarkException missing(List<Listed> names, TableIdentifier table) {
    var here = names.stream().filter(it -> it.catalog().equals(catalog.name())).toList();
    if (here.isEmpty() && !names.isEmpty()) {
      var others = names.stream().map(Listed::catalog).distinct().sorted().toList();
      return IcebergCatalogs.missing(
          "the catalog's database has no catalog called " + catalog.name(),
          Optional.empty(),
          "Set source.catalog.name; there is " + String.join(", ", others) + ".");
    }
    return IcebergCatalogs.missing(
        "catalog " + catalog.name() + " has no table " + table,
        NearMiss.of(table.toString(), here.stream().map(Listed::table).toList()),
        "Correct source.table, or source.catalog.name.");
  }
}
