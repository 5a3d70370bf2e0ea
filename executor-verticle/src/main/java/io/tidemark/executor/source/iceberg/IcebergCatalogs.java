package io.tidemark.executor.source.iceberg;

import io.tidemark.common.config.SourceDefinition.IcebergCatalog;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;

/** Finds a table's newest metadata in the catalog that the user names. Writes nothing, ever. */
interface IcebergCatalogs {
  /**
   * Reads it.
   *
   * @throws TidemarkException SOURCE_TABLE_MISSING, CONFIG_INVALID
   * @throws SQLException where trying again can help
   */
  Table load(TableIdentifier table) throws SQLException;

  static IcebergCatalogs of(IcebergCatalog catalog) {
    var warehouse = seen(catalog.warehouse());
    var settings = new Configuration();
    return switch (catalog.type()) {
      case HADOOP -> new WarehouseCatalog(warehouse, settings);
      case JDBC -> new DatabaseCatalog(catalog, settings);
    };
  }

  /** A folder that this node sees, absolute; an address of another file system as it is. */
  private static String seen(String warehouse) {
    var local = local(warehouse);
    if (local.isEmpty()) {
      return warehouse;
    }
    if (!Files.isDirectory(local.get())) {
      throw new TidemarkException(
          ErrorReport.of(
                  ErrorCode.CONFIG_INVALID,
                  "source.catalog.warehouse: there is no folder " + local.get() + " on this node")
              .withHint("Correct it, or mount that folder on every node that runs executors."));
    }
    return local.get().toUri().toString();
  }

  private static Optional<Path> local(String warehouse) {
    try {
      if (warehouse.startsWith("file:")) {
        return Optional.of(Path.of(URI.create(warehouse).getPath()));
      }
      return warehouse.contains(":/")
          ? Optional.empty()
          : Optional.of(Path.of(warehouse).toAbsolutePath().normalize());
    } catch (IllegalArgumentException e) {
      throw new TidemarkException(
          ErrorReport.of(
                  ErrorCode.CONFIG_INVALID,
                  "source.catalog.warehouse: " + warehouse + " is no path: " + e.getMessage())
              .withHint("Write an absolute path, or file:///path."),
          e);
    }
  }

  /** The table is not there; near names are suggested. */
  static TidemarkException missing(String message, Optional<String> near, String otherwise) {
    return new TidemarkException(
        ErrorReport.of(ErrorCode.SOURCE_TABLE_MISSING, message)
            .withHint(near.map(it -> "Did you mean " + it + "?").orElse(otherwise)));
  }
}
