package io.tidemark.executor.source.iceberg;

import io.tidemark.common.config.NearMiss;
import io.tidemark.common.error.TidemarkException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.hadoop.HadoopCatalog;

/** A folder that is its own catalog: namespaces are folders in it, tables folders in those. */
final class WarehouseCatalog implements IcebergCatalogs {
  private final String warehouse;
  private final Configuration settings;

  WarehouseCatalog(String warehouse, Configuration settings) {
    this.warehouse = warehouse;
    this.settings = settings;
  }

  @Override
  public Table load(TableIdentifier table) {
    // Not closed: closing ends the file access of the tables that it gave out.
    var catalog = new HadoopCatalog(settings, warehouse);
    try {
      return catalog.loadTable(table);
    } catch (NoSuchTableException e) {
      throw missing(catalog, table);
    }
  }

  private TidemarkException missing(HadoopCatalog catalog, TableIdentifier table) {
    var namespace = table.namespace();
    var levels = namespace.levels();
    var parent = Namespace.of(List.of(levels).subList(0, levels.length - 1).toArray(String[]::new));
    if (!catalog.namespaceExists(namespace)) {
      var known =
          parent.isEmpty() || catalog.namespaceExists(parent)
              ? catalog.listNamespaces(parent).stream().map(Namespace::toString).toList()
              : List.<String>of();
      return IcebergCatalogs.missing(
          "the warehouse " + warehouse + " has no namespace " + namespace,
          NearMiss.of(namespace.toString(), known).map(it -> it + "." + table.name()),
          "Correct source.table, or source.catalog.warehouse.");
    }
    return IcebergCatalogs.missing(
        "namespace %s of the warehouse %s has no table %s"
            .formatted(namespace, warehouse, table.name()),
        NearMiss.of(
                table.name(),
                catalog.listTables(namespace).stream().map(TableIdentifier::name).toList())
            .map(it -> namespace + "." + it),
        "Correct source.table, or source.catalog.warehouse.");
  }
}
