package io.tidemark.common.config;

import io.tidemark.common.config.SourceDefinition.IcebergCatalog;
import io.tidemark.common.config.SourceDefinition.IcebergCatalogType;
import io.tidemark.common.config.SourceDefinition.IcebergSource;
import java.util.Optional;

/** A source of {@code type: iceberg} as an {@link IcebergSource}. */
final class IcebergSourceReader {
  /** What Iceberg itself calls a JDBC catalog that has no other name. */
  private static final String CATALOG_NAME = "jdbc";

  private static final long EXAMPLE_SNAPSHOT = 3_051_729_675_574_597_004L;

  private IcebergSourceReader() {}

  /** The definition; empty where anything was wrong. */
  static Optional<SourceDefinition> read(Section source) {
    source.has("type");
    source.require("catalog", "write `catalog: {type: hadoop, warehouse: /path}`");
    source.require("table", "write `table: namespace.table`");
    var catalog = source.section("catalog").flatMap(IcebergSourceReader::catalog);
    var table = source.text("table");
    table
        .filter(it -> !it.contains(".") && !Placeholder.isIn(it))
        .ifPresent(
            it ->
                source.problem(
                    "table", Section.shown(it) + " names no namespace", "write namespace.table"));
    var snapshot = source.whole("snapshot", 0, Long.MAX_VALUE, EXAMPLE_SNAPSHOT);
    var columns = source.texts("columns", "`columns: [id, name]`");
    source.end();
    if (catalog.isEmpty() || table.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new IcebergSource(catalog.get(), table.get(), snapshot, columns));
  }

  private static Optional<IcebergCatalog> catalog(Section catalog) {
    catalog.require("type", "write `type: hadoop`, or jdbc");
    catalog.require("warehouse", "write `warehouse: /path`, the folder of the tables");
    var type = catalog.choice("type", IcebergCatalogType.class);
    var warehouse = catalog.text("warehouse");
    var isJdbc = type.filter(IcebergCatalogType.JDBC::equals).isPresent();
    if (isJdbc) {
      catalog.require("uri", "write `uri: \"jdbc:postgresql://host:5432/database\"`");
    }
    var uri = catalog.text("uri");
    var user = catalog.text("user");
    var password = catalog.text("password");
    password.ifPresent(it -> TableReader.checkPassword(catalog, it));
    var name = catalog.text("name");
    catalog.end();
    if (type.isEmpty() || warehouse.isEmpty() || (isJdbc && uri.isEmpty())) {
      return Optional.empty();
    }
    return Optional.of(
        new IcebergCatalog(
            type.get(), warehouse.get(), uri, user, password, name.orElse(CATALOG_NAME)));
  }
}
