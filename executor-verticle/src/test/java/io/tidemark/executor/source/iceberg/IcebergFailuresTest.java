package io.tidemark.executor.source.iceberg;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tidemark.common.config.SourceDefinition.IcebergCatalog;
import io.tidemark.common.config.SourceDefinition.IcebergCatalogType;
import io.tidemark.common.config.SourceDefinition.IcebergSource;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.plan.TwoDatabases;
import io.tidemark.executor.source.Loading;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be read is said, with a remedy; what has changed ends the reading. */
class IcebergFailuresTest {
  @TempDir Path warehouse;

  /** Says the code, the message and the hint. */
  private static String refused(IcebergSource source) {
    try (var connector = new IcebergConnector(source)) {
      return said(catchThrowableOfType(TidemarkException.class, connector::look));
    }
  }

  private static String said(TidemarkException error) {
    return error.code() + ": " + error.report().message() + "; " + error.report().hint();
  }

  private static IcebergSource of(IcebergCatalog catalog, String table) {
    return new IcebergSource(catalog, table, Optional.empty(), List.of());
  }

  private static IcebergCatalog jdbc(Path warehouse, String uri, String name) {
    return new IcebergCatalog(
        IcebergCatalogType.JDBC,
        warehouse.toString(),
        Optional.of(uri),
        Optional.of("sa"),
        Optional.of("hunter2"),
        name);
  }

  @Test
  void aMissingNamespaceOrTableIsNamedWithItsNearMiss() {
    var lake = Lake.hadoop(warehouse, IcebergTest.ORDERS);
    assertThat(refused(of(lake.definition(), "shop.order")))
        .startsWith("SOURCE_TABLE_MISSING: namespace shop of the warehouse")
        .contains("has no table order; Did you mean shop.orders?");
    assertThat(refused(of(lake.definition(), "shpo.orders")))
        .contains("has no namespace shpo; Did you mean shop.orders?");
    assertThat(refused(of(lake.definition(), "a.b.c"))).contains("has no namespace a.b;");
  }

  @Test
  void aWarehouseThatIsNotThereIsSaid() {
    var nowhere = warehouse.resolve("nowhere");
    assertThat(
            refused(
                of(
                    new IcebergCatalog(
                        IcebergCatalogType.HADOOP,
                        nowhere.toString(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        "jdbc"),
                    "shop.orders")))
        .isEqualTo(
            "CONFIG_INVALID: source.catalog.warehouse: there is no folder "
                + nowhere
                + " on this node; Correct it, or mount that folder on every node that runs executors.");
    assertThat(
            refused(
                of(
                    new IcebergCatalog(
                        IcebergCatalogType.HADOOP,
                        "s3a://bucket/wh",
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        "jdbc"),
                    "shop.orders")))
        .startsWith("CONFIG_INVALID: ")
        .contains("s3a", "mount the storage");
  }

  @Test
  void aCatalogDatabaseWithoutThatCatalogOrTableIsSaid() throws Exception {
    var uri = "jdbc:h2:mem:failures" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";
    try (var empty = DriverManager.getConnection(uri, "sa", "hunter2")) {
      assertThat(refused(of(jdbc(warehouse, uri, "lake"), "shop.orders")))
          .startsWith("CONFIG_INVALID: source.catalog.uri: that database holds no Iceberg catalog");
      assertThat(empty.isValid(1)).isTrue();
    }
    Lake.jdbc(warehouse, uri, "lake", IcebergTest.ORDERS);
    assertThat(refused(of(jdbc(warehouse, uri, "jdbc"), "shop.orders")))
        .isEqualTo(
            "SOURCE_TABLE_MISSING: the catalog's database has no catalog called jdbc;"
                + " Set source.catalog.name; there is lake.");
    assertThat(refused(of(jdbc(warehouse, uri, "lake"), "shop.orderz")))
        .isEqualTo(
            "SOURCE_TABLE_MISSING: catalog lake has no table shop.orderz;"
                + " Did you mean shop.orders?");
  }

  @Test
  void aCatalogThatCannotBeReachedOrEnteredIsSaidWithoutThePassword() {
    var uri = "jdbc:h2:mem:entered" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";
    var lake = Lake.jdbc(warehouse, uri, "lake", IcebergTest.ORDERS);
    var wrong =
        new IcebergCatalog(
            IcebergCatalogType.JDBC,
            lake.definition().warehouse(),
            Optional.of(uri),
            Optional.of("sa"),
            Optional.of("secret1"),
            "lake");
    assertThat(refused(of(wrong, "shop.orders")))
        .startsWith("CREDENTIALS_REFUSED: ")
        .contains("Correct source.catalog.user and source.catalog.password.")
        .doesNotContain("secret1");
    assertThat(refused(of(jdbc(warehouse, "jdbc:nosuch:x", "lake"), "shop.orders")))
        .startsWith("CONFIG_INVALID: no JDBC driver for jdbc:nosuch:");
  }

  @Test
  void aColumnOfATypeThatIsNotReadIsNamedAndCanBeLeftOut() {
    var lake =
        Lake.hadoop(
            warehouse,
            new Schema(
                optional(1, "id", Types.LongType.get()),
                optional(2, "g", Types.GeometryType.crs84())),
            PartitionSpec.unpartitioned(),
            Map.of("format-version", "3"));
    assertThat(refused(lake.source()))
        .startsWith("TYPE_INCOMPATIBLE: column g of shop.orders is geometry")
        .endsWith("Name the other columns as source.columns.");
    var ids = new IcebergSource(lake.definition(), "shop.orders", Optional.empty(), List.of("id"));
    try (var connector = new IcebergConnector(ids)) {
      assertThat(catchThrowableOfType(TidemarkException.class, connector::look)).isNull();
    }
    assertThat(
            refused(
                new IcebergSource(
                    lake.definition(), "shop.orders", Optional.empty(), List.of("idd"))))
        .isEqualTo("COLUMN_MISSING: source.columns: the source has no column idd; It has id, g.");
  }

  @Test
  void aFileInAnotherFormatIsNamedBeforeAnythingIsRead() {
    var lake = Lake.hadoop(warehouse, IcebergTest.ORDERS);
    lake.table()
        .newAppend()
        .appendFile(
            DataFiles.builder(PartitionSpec.unpartitioned())
                .withPath(warehouse + "/a.orc")
                .withFormat(FileFormat.ORC)
                .withFileSizeInBytes(10)
                .withRecordCount(1)
                .build())
        .commit();
    assertThat(refused(lake.source()))
        .startsWith("CONFIG_INVALID: " + warehouse + "/a.orc is ORC, which this version")
        .contains("rewrite_data_files");
  }

  @Test
  void aSnapshotThatTheUserNamesIsReadOrMissed() throws Exception {
    var lake = Lake.hadoop(warehouse, IcebergTest.ORDERS);
    lake.append(lake.row(1L, "a"));
    long first = lake.table().currentSnapshot().snapshotId();
    lake.append(lake.row(2L, "b"));
    var named = new IcebergSource(lake.definition(), "shop.orders", Optional.of(first), List.of());
    try (var home = new TwoDatabases();
        var connector = new IcebergConnector(named)) {
      assertThat(new Loading(home.home, connector).all().row()).containsExactly("1", "a");
    }
    lake.expireOld();
    assertThat(refused(named))
        .startsWith("CONFIG_INVALID: source.snapshot: shop.orders has no snapshot " + first)
        .contains("Its newest is " + lake.table().currentSnapshot().snapshotId());
  }

  @Test
  void whatIsWrittenAfterTheLookIsNotRead() throws Exception {
    // Given
    var lake = Lake.hadoop(warehouse, IcebergTest.ORDERS);
    var file = lake.append(lake.row(1L, "a"), lake.row(2L, "b"));
    try (var home = new TwoDatabases();
        var connector = lake.connector()) {
      var loading = new Loading(home.home, connector);
      // When
      lake.append(lake.row(3L, "c"));
      lake.deletePositions(file, 0);
      lake.table().updateSchema().deleteColumn("v").commit();
      // Then
      assertThat(loading.all().column("SELECT id || v FROM loaded ORDER BY 1"))
          .containsExactly("1a", "2b");
      assertThat(lake.connector().look().identity()).isNotEqualTo(loading.version.identity());
    }
  }

  @Test
  void aSnapshotThatHasExpiredOrATableThatIsAnotherEndsTheReading() throws Exception {
    var lake = Lake.hadoop(warehouse, IcebergTest.ORDERS);
    lake.append(lake.row(1L, "a"));
    try (var home = new TwoDatabases();
        var connector = lake.connector();
        var begun = lake.connector()) {
      var loading = new Loading(home.home, connector);
      // Its plan is made, its files are not read yet.
      var reader = loading.open(begun, 0, Optional.empty());
      lake.table()
          .newDelete()
          .deleteFromRowFilter(org.apache.iceberg.expressions.Expressions.alwaysTrue())
          .commit();
      lake.append(lake.row(2L, "b"));
      lake.expireOld();
      assertThat(said(catchThrowableOfType(TidemarkException.class, reader::next)))
          .startsWith("SOURCE_CHANGED: ")
          .contains("has expired", "Nothing was deleted");
      reader.close();
      assertThat(
              said(
                  catchThrowableOfType(
                      TidemarkException.class, () -> loading.open(0, Optional.empty()))))
          .startsWith("SOURCE_CHANGED: ")
          .contains("has expired");
      lake.again(IcebergTest.ORDERS);
      assertThat(changed(lake, loading)).contains("was dropped and made anew");
      lake.drop();
      assertThat(changed(lake, loading)).contains("the table is gone");
    }
  }

  private static String changed(Lake lake, Loading loading) {
    try (var other = lake.connector()) {
      return said(
          catchThrowableOfType(
              TidemarkException.class, () -> loading.open(other, 0, Optional.empty())));
    }
  }

  @Test
  void aFileThatIsCutShortIsAnErrorAndNoEnd() throws Exception {
    var lake = Lake.hadoop(warehouse, IcebergTest.ORDERS);
    var file = lake.append(FileFormat.PARQUET, Map.of(), lake.numbered(0, 1_000, ""));
    try (var home = new TwoDatabases();
        var connector = lake.connector()) {
      var loading = new Loading(home.home, connector);
      var path = Path.of(java.net.URI.create(file.location()).getPath());
      var bytes = Files.readAllBytes(path);
      Files.write(path, java.util.Arrays.copyOf(bytes, bytes.length / 2));
      assertThat(said(catchThrowableOfType(TidemarkException.class, loading::all)))
          .startsWith("SOURCE_FAILED: ")
          .contains(file.location() + " cannot be read");
    }
  }
}
