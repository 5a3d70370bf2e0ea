package io.tidemark.executor.source.iceberg;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.executor.plan.TwoDatabases;
import io.tidemark.executor.source.Connector;
import io.tidemark.executor.source.Loading;
import io.tidemark.executor.source.SourceColumn;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of Iceberg tables, as the library writes them. */
class IcebergTest {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  static final Schema ORDERS =
      new Schema(
          List.of(
              required(1, "id", Types.LongType.get()), optional(2, "v", Types.StringType.get())),
          java.util.Set.of(1));

  @TempDir Path warehouse;
  private TwoDatabases home;

  @BeforeEach
  void open() throws Exception {
    home = new TwoDatabases();
  }

  @AfterEach
  void close() throws Exception {
    home.close();
  }

  private Loading loading(Connector connector) throws Exception {
    return new Loading(home.home, connector);
  }

  private List<String> ids(Lake lake) throws Exception {
    try (var connector = lake.connector()) {
      return loading(connector).all().column("SELECT id FROM loaded ORDER BY id");
    }
  }

  @Test
  void everyTypeIsReadWithoutLoss() throws Exception {
    // Given
    var nested =
        Types.StructType.of(
            optional(30, "s", Types.StringType.get()),
            optional(31, "n", Types.DecimalType.of(38, 10)),
            optional(32, "f", Types.DoubleType.get()),
            optional(33, "at", Types.TimestampType.withZone()));
    var schema =
        new Schema(
            optional(1, "b", Types.BooleanType.get()),
            optional(2, "i", Types.IntegerType.get()),
            optional(3, "l", Types.LongType.get()),
            optional(4, "f", Types.FloatType.get()),
            optional(5, "d", Types.DoubleType.get()),
            optional(6, "n", Types.DecimalType.of(10, 2)),
            optional(7, "day", Types.DateType.get()),
            optional(8, "t", Types.TimeType.get()),
            optional(9, "ts", Types.TimestampType.withoutZone()),
            optional(10, "tz", Types.TimestampType.withZone()),
            optional(11, "s", Types.StringType.get()),
            optional(12, "u", Types.UUIDType.get()),
            optional(13, "fx", Types.FixedType.ofLength(2)),
            optional(14, "bi", Types.BinaryType.get()),
            optional(15, "st", nested),
            optional(16, "li", Types.ListType.ofOptional(40, Types.DateType.get())),
            optional(
                17,
                "m",
                Types.MapType.ofOptional(41, 42, Types.StringType.get(), Types.LongType.get())),
            optional(
                18,
                "mi",
                Types.MapType.ofOptional(43, 44, Types.IntegerType.get(), Types.BinaryType.get())),
            optional(19, "nothing", Types.StringType.get()),
            optional(20, "empty", Types.StringType.get()));
    for (var format : List.of(FileFormat.PARQUET, FileFormat.AVRO)) {
      var lake = Lake.hadoop(warehouse.resolve(format.name()), schema);
      var struct = GenericRecord.create(nested);
      struct.set(0, "a\tb\\c\n\"é𝄞");
      struct.set(1, new BigDecimal("12345678901234567890.0123456789"));
      struct.set(2, Double.NaN);
      struct.set(3, OffsetDateTime.parse("2024-02-29T10:00:00.000001Z"));
      var numbers = new HashMap<String, Long>();
      numbers.put("k", 1L);
      lake.append(
          format,
          Map.of(),
          List.of(
              lake.row(
                  true,
                  Integer.MIN_VALUE,
                  Long.MAX_VALUE,
                  0.1f,
                  -0.0,
                  new BigDecimal("1.50"),
                  LocalDate.of(-43, 3, 15),
                  LocalTime.parse("23:59:59.123456"),
                  LocalDateTime.parse("2024-03-31T02:30:00.000001"),
                  OffsetDateTime.parse("2024-02-29T08:00:00Z"),
                  "a\tb\\c\n\r",
                  UUID.fromString("7f3a0c1e-0000-4000-8000-000000000001"),
                  new byte[] {0, -1},
                  ByteBuffer.wrap(new byte[] {92, 120}),
                  struct,
                  Arrays.asList(LocalDate.of(2024, 2, 29), null),
                  numbers,
                  Map.of(7, ByteBuffer.wrap(new byte[] {1})),
                  null,
                  "")));
      // When
      try (var connector = lake.connector()) {
        var loaded = loading(connector).all();
        // Then
        assertThat(loaded.types())
            .containsExactly(
                "boolean",
                "integer",
                "bigint",
                "real",
                "double precision",
                "numeric(10,2)",
                "date",
                "time",
                "timestamp",
                "timestamptz",
                "text",
                "uuid",
                "bytea",
                "bytea",
                "jsonb",
                "jsonb",
                "jsonb",
                "jsonb",
                "text",
                "text");
        assertThat(loaded.row())
            .as(format.name())
            .containsExactly(
                "t",
                "-2147483648",
                "9223372036854775807",
                "0.1",
                "-0",
                "1.50",
                "0044-03-15 BC",
                "23:59:59.123456",
                "2024-03-31 02:30:00.000001",
                loaded.column("SELECT '2024-02-29 08:00:00+00'::timestamptz::text").getFirst(),
                "a\tb\\c\n\r",
                "7f3a0c1e-0000-4000-8000-000000000001",
                "\\x00ff",
                "\\x5c78",
                "{\"f\": \"NaN\", \"n\": 12345678901234567890.0123456789, \"s\":"
                    + " \"a\\tb\\\\c\\n\\\"é𝄞\", \"at\": \"2024-02-29T10:00:00.000001Z\"}",
                "[\"2024-02-29\", null]",
                "{\"k\": 1}",
                "[{\"key\": 7, \"value\": \"\\\\x01\"}]",
                null,
                "");
      }
    }
  }

  @Test
  void identifierFieldsAreTheKeyInTheOrderOfTheColumns() throws Exception {
    var lake =
        Lake.hadoop(
            warehouse,
            new Schema(
                List.of(
                    required(1, "b", Types.StringType.get()),
                    optional(2, "v", Types.StringType.get()),
                    required(3, "a", Types.LongType.get())),
                java.util.Set.of(3, 1)));
    try (var connector = lake.connector()) {
      var version = connector.look();
      assertThat(version.key()).containsExactly("b", "a");
      assertThat(version.columns())
          .contains(new SourceColumn("a", "bigint", true, false))
          .contains(new SourceColumn("v", "text", false, false));
      assertThat(version.splits()).as("it never had rows").isEmpty();
    }
  }

  @Test
  void rowsThatPositionsDeleteAreNotRead() throws Exception {
    var lake = Lake.hadoop(warehouse, ORDERS);
    var file = lake.append(FileFormat.PARQUET, Map.of(), lake.numbered(0, 6, ""));
    lake.deletePositions(file, 0, 4);
    lake.deletePositions(file, 5);
    assertThat(ids(lake)).containsExactly("1", "2", "3");
  }

  @Test
  void rowsThatADeletionVectorDeletesAreNotRead() throws Exception {
    var lake =
        Lake.hadoop(
            warehouse, ORDERS, PartitionSpec.unpartitioned(), Map.of("format-version", "3"));
    var file = lake.append(FileFormat.PARQUET, Map.of(), lake.numbered(0, 6, ""));
    lake.deleteByVector(file, 1, 3);
    assertThat(ids(lake)).containsExactly("0", "2", "4", "5");
  }

  @Test
  void equalityDeletesTakeOnlyOlderRows() throws Exception {
    // Given
    var lake = Lake.hadoop(warehouse, ORDERS);
    lake.append(FileFormat.PARQUET, Map.of(), lake.numbered(0, 4, ""));
    lake.append(FileFormat.AVRO, Map.of(), lake.numbered(4, 8, ""));
    // When
    lake.deleteWhere("v", "v1", "v6");
    lake.append(lake.row(1L, "v1"));
    // Then
    assertThat(ids(lake)).containsExactly("0", "1", "2", "3", "4", "5", "7");
  }

  @Test
  void anEqualityDeleteByAColumnThatIsNotReadOrWasDroppedCounts() throws Exception {
    var lake = Lake.hadoop(warehouse, ORDERS);
    lake.append(FileFormat.PARQUET, Map.of(), lake.numbered(0, 4, ""));
    lake.deleteWhere("v", "v2");
    lake.table().updateSchema().deleteColumn("v").commit();
    assertThat(ids(lake)).containsExactly("0", "1", "3");
  }

  @Test
  void columnsFollowTheirIdsThroughRenamesAndNewOnesAreNull() throws Exception {
    // Given
    var lake = Lake.hadoop(warehouse, ORDERS);
    lake.append(lake.row(1L, "a"));
    // When
    lake.table().updateSchema().renameColumn("v", "w").commit();
    lake.table().updateSchema().addColumn("v", Types.IntegerType.get()).commit();
    lake.append(lake.row(2L, "b", 7));
    // Then
    try (var connector = lake.connector()) {
      assertThat(
              loading(connector)
                  .all()
                  .column("SELECT concat_ws('|', id, w, v) FROM loaded ORDER BY 1"))
          .containsExactly("1|a", "2|b|7");
    }
  }

  @Test
  void onlyTheColumnsThatAreNamedAreRead() throws Exception {
    var lake = Lake.hadoop(warehouse, ORDERS);
    lake.append(lake.row(1L, "a"));
    var source = lake.source();
    try (var connector =
        new IcebergConnector(
            new io.tidemark.common.config.SourceDefinition.IcebergSource(
                source.catalog(), source.table(), Optional.empty(), List.of("v")))) {
      var loaded = loading(connector).all();
      assertThat(loaded.names()).containsExactly("v");
      assertThat(loaded.version.key()).isEmpty();
      assertThat(loaded.row()).containsExactly("a");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"zstd", "gzip", "snappy", "uncompressed"})
  void filesOfAnyUsualCompressionAreRead(String codec) throws Exception {
    var lake = Lake.hadoop(warehouse, ORDERS);
    lake.append(
        FileFormat.PARQUET,
        Map.of("write.parquet.compression-codec", codec),
        lake.numbered(0, 1_000, ""));
    assertThat(ids(lake)).hasSize(1_000);
  }

  @Test
  void aSplitGoesOnAtEachPositionWithoutLosingOrDoublingARow() throws Exception {
    // Given
    var lake = Lake.hadoop(warehouse, ORDERS);
    var first = lake.append(FileFormat.PARQUET, Map.of(), lake.numbered(0, 25_000, ""));
    lake.append(FileFormat.AVRO, Map.of(), lake.numbered(25_000, 30_000, ""));
    lake.deletePositions(first, 3, 12_000, 24_999);
    try (var connector = lake.connector()) {
      var loading = loading(connector);
      // When
      for (var split = 0; split < loading.version.splits().size(); split++) {
        var position = Optional.<String>empty();
        while (true) {
          try (var other = lake.connector();
              var reader = loading.open(other, split, position)) {
            var batch = reader.next();
            if (batch == null) {
              break;
            }
            loading.append(reader, batch);
            position = Optional.of(batch.position());
          }
        }
      }
      // Then
      assertThat(loading.column("SELECT count(*) || ' ' || count(DISTINCT id) FROM loaded"))
          .containsExactly("29997 29997");
    }
  }

  @Test
  void rowGroupsOfALargeFileAreReadApartWithTheirDeletes() throws Exception {
    // Given
    var lake = Lake.hadoop(warehouse, ORDERS);
    var file =
        lake.append(
            FileFormat.PARQUET,
            Map.of(
                "write.parquet.row-group-size-bytes", "20000",
                "write.parquet.row-group-check-min-record-count", "100",
                "write.parquet.row-group-check-max-record-count", "100",
                "write.parquet.compression-codec", "uncompressed"),
            lake.numbered(0, 20_000, "-some-more-text"));
    assertThat(file.splitOffsets()).hasSizeGreaterThan(8);
    lake.deletePositions(file, 0, 10_000, 19_999);
    // When
    try (var connector = new IcebergConnector(lake.source(), file.fileSizeInBytes() / 4)) {
      var loaded = loading(connector).all();
      // Then
      assertThat(loaded.version.splits()).hasSizeBetween(4, 6);
      assertThat(
              loaded.column(
                  "SELECT count(*) || ' ' || count(DISTINCT id) || ' ' || min(id) || ' ' || max(id)"
                      + " FROM loaded WHERE id <> 10000"))
          .containsExactly("19997 19997 1 19998");
    }
  }

  @Test
  void manySmallFilesShareASplit() throws Exception {
    var lake = Lake.hadoop(warehouse, ORDERS);
    for (var file = 0; file < 40; file++) {
      lake.append(lake.row((long) file, "x"));
    }
    try (var connector = lake.connector()) {
      assertThat(connector.look().splits()).hasSize(1);
    }
    assertThat(ids(lake)).hasSize(40);
  }

  @Test
  void aRowSaysWhereItStands() throws Exception {
    var lake = Lake.hadoop(warehouse, ORDERS);
    var file = lake.append(FileFormat.PARQUET, Map.of(), lake.numbered(0, 6, ""));
    lake.deletePositions(file, 0);
    try (var connector = lake.connector();
        var reader = loading(connector).open(0, Optional.empty())) {
      var batch = reader.next();
      assertThat(batch).isNotNull();
      assertThat(batch.place().apply(0)).isEqualTo(file.location() + ", row 2");
    }
  }

  @Test
  void partitionedTablesAreReadWhole() throws Exception {
    var lake =
        Lake.hadoop(
            warehouse, ORDERS, PartitionSpec.builderFor(ORDERS).identity("v").build(), Map.of());
    lake.appendPartition("v=a", lake.row(1L, "a"), lake.row(2L, "a"));
    lake.appendPartition("v=b", lake.row(3L, "b"));
    assertThat(ids(lake)).containsExactly("1", "2", "3");
  }

  @Test
  void aTableOfAJdbcCatalogIsRead() throws Exception {
    var uri = "jdbc:h2:mem:catalog" + NUMBER.incrementAndGet() + ";DB_CLOSE_DELAY=-1";
    var lake = Lake.jdbc(warehouse, uri, "lake", ORDERS);
    lake.append(lake.row(1L, "a"), lake.row(2L, null));
    lake.deleteWhere("v", "a");
    assertThat(ids(lake)).containsExactly("2");
  }
}
