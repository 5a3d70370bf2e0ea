package io.tidemark.executor;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.common.bus.Json;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.executor.plan.TwoDatabases;
import io.tidemark.executor.source.iceberg.Lake;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An Iceberg table is refreshed from its first load on, through whatever happens to it. */
class IcebergRefreshTest {
  private static final Schema ORDERS =
      new Schema(
          List.of(
              required(1, "id", Types.LongType.get()), optional(2, "v", Types.StringType.get())),
          Set.of(1));

  @TempDir Path warehouse;
  private TwoDatabases databases;
  private SoloLeader leader;
  private Lake lake;
  private ObjectNode definition;
  private volatile ObservedConnector.Observer observer = () -> {};

  @BeforeEach
  void open() throws Exception {
    databases = new TwoDatabases();
    leader =
        SoloLeader.observed(databases.homeAddress, RefreshFixture.WORK, () -> observer.batch());
    make(ORDERS);
  }

  private void make(Schema schema) {
    lake = Lake.hadoop(warehouse.resolve(Integer.toString(schema.hashCode())), schema);
    definition =
        Json.MAPPER.createObjectNode().put("name", "t").put("target", "public.t").put("vnodes", 4);
    definition.set("source", lake.written());
  }

  @AfterEach
  void close() throws Exception {
    leader.close();
    databases.close();
  }

  private long request() throws SQLException {
    return leader.request(definition.toString(), "ATOMIC");
  }

  /** Read, inserted, updated, deleted. */
  private String refresh() throws Exception {
    return succeed(request(), () -> {});
  }

  private String succeed(long id, SoloLeader.Interruption between) throws Exception {
    var end = leader.lead(id, between);
    assertThat(end).as(() -> "failure: " + leader.failure(id)).isEqualTo(RefreshState.SUCCEEDED);
    return TwoDatabases.column(
            databases.home,
            "SELECT concat_ws(' ', rows_read, rows_inserted, rows_updated, rows_deleted)"
                + " FROM tidemark.refresh_totals WHERE refresh_id = "
                + id)
        .getFirst();
  }

  private ErrorReport refused() throws Exception {
    var id = request();
    assertThat(leader.lead(id)).isEqualTo(RefreshState.FAILED);
    return leader.failure(id).orElseThrow();
  }

  private List<String> target() throws SQLException {
    return TwoDatabases.column(
        databases.home, "SELECT concat_ws('|', id, coalesce(v, '?')) FROM public.t ORDER BY id");
  }

  @Test
  void insertsUpdatesAndDeletesOfEachKindThenNothing() throws Exception {
    // Given
    var file = lake.append(FileFormat.PARQUET, Map.of(), lake.numbered(0, 500, ""));
    assertThat(refresh()).isEqualTo("500 500 0 0");
    // When
    lake.deletePositions(file, 0, 1, 2);
    lake.deleteWhere("id", 10L, 11L);
    lake.append(lake.row(10L, "new"), lake.row(500L, null), lake.row(501L, ""));
    // Then
    assertThat(refresh()).isEqualTo("498 2 1 4");
    assertThat(target())
        .hasSize(498)
        .contains("10|new", "500|?", "501|")
        .doesNotContain("0|v0", "11|v11");
    databases.atHome("UPDATE public.t SET v = 'by hand' WHERE id = 3");
    lake.append(lake.row(502L, "more"));
    assertThat(refresh()).isEqualTo("499 1 1 0");
    lake.append(lake.row(503L, "yet more"));
    assertThat(refresh()).isEqualTo("500 1 0 0");
  }

  @Test
  void aCompositeKeyInAnotherOrderAndAllTypesShowNoDifferenceTheSecondTime() throws Exception {
    make(
        new Schema(
            List.of(
                optional(1, "v", Types.DecimalType.of(12, 4)),
                required(2, "b", Types.StringType.get()),
                required(3, "a", Types.TimestampType.withZone()),
                optional(4, "f", Types.FloatType.get()),
                optional(5, "l", Types.ListType.ofOptional(6, Types.DoubleType.get()))),
            Set.of(2, 3)));
    var at = OffsetDateTime.parse("2024-02-29T10:00:00.000001Z");
    definition.putArray("key").add("a").add("b");
    lake.append(
        lake.row(new BigDecimal("1.5000"), "", at, -0.0f, List.of(0.1, Double.NaN)),
        lake.row(null, "é", at, Float.NaN, null),
        lake.row(null, "", at.plusDays(1), null, List.of()));
    assertThat(refresh()).isEqualTo("3 3 0 0");
    lake.append(lake.row(null, "z", at, 1e30f, List.of(1e-300)));
    assertThat(refresh()).isEqualTo("4 1 0 0");
    lake.append(lake.row(null, "zz", at, 1f, null));
    assertThat(refresh()).isEqualTo("5 1 0 0");
  }

  @Test
  void emptyThenFilledAgain() throws Exception {
    lake.append(FileFormat.PARQUET, Map.of(), lake.numbered(0, 50, ""));
    refresh();
    lake.table().newDelete().deleteFromRowFilter(Expressions.alwaysTrue()).commit();
    assertThat(refresh()).isEqualTo("0 0 0 50");
    lake.append(FileFormat.AVRO, Map.of(), lake.numbered(0, 50, ""));
    assertThat(refresh()).isEqualTo("50 50 0 0");
    lake.deleteWhere("id", 7L);
    assertThat(refresh()).isEqualTo("49 0 0 1");
    lake.append(lake.row(7L, "v7"));
    assertThat(refresh()).isEqualTo("50 1 0 0");
    assertThat(target()).hasSize(50).contains("7|v7");
  }

  @Test
  void thePinIsKeptWhileTheSourceIsReplacedThreeTimesAndReadersAreLost() throws Exception {
    // Given
    lake.append(FileFormat.PARQUET, Map.of(), lake.numbered(0, 400, ""));
    refresh();
    lake.append(FileFormat.PARQUET, Map.of(), lake.numbered(400, 25_000, ""));
    var batches = new AtomicInteger();
    // When
    observer =
        () -> {
          var batch = batches.incrementAndGet();
          if (batch <= 3) {
            replace("version" + batch);
            throw new SQLException("connection reset", "08006");
          }
        };
    // Then
    assertThat(refresh()).isEqualTo("25000 24600 0 0");
    assertThat(target()).hasSize(25_000).contains("0|v0", "24999|v24999");
    observer = () -> {};
    assertThat(refresh()).as("the next one reads the newest").isEqualTo("10 0 10 24990");
  }

  @Test
  void aSnapshotThatExpiresWhileItIsReadEndsTheRefreshWithoutDeletes() throws Exception {
    // Given
    lake.append(FileFormat.PARQUET, Map.of(), lake.numbered(0, 400, ""));
    refresh();
    lake.append(FileFormat.PARQUET, Map.of(), lake.numbered(400, 500, ""));
    var isReplaced = new AtomicBoolean();
    // When
    observer =
        () -> {
          if (isReplaced.compareAndSet(false, true)) {
            replace("new");
            lake.expireOld();
          }
        };
    // Then
    var failure = refused();
    assertThat(failure.code()).isEqualTo(ErrorCode.SOURCE_CHANGED);
    assertThat(failure.message()).contains("has expired");
    assertThat(target()).hasSize(400);
  }

  /** Ten other rows instead of all. */
  private void replace(String suffix) {
    try {
      lake.table().newDelete().deleteFromRowFilter(Expressions.alwaysTrue()).commit();
      lake.append(FileFormat.PARQUET, Map.of(), lake.numbered(0, 10, suffix));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aColumnThatWasDroppedOrRetypedStopsBeforeAnythingIsRead() throws Exception {
    lake.append(lake.row(1L, "a"));
    refresh();
    lake.table().updateSchema().addColumn("n", Types.IntegerType.get()).commit();
    assertThat(refused().code()).isEqualTo(ErrorCode.SCHEMA_CHANGED);
    definition.put("schema-change", "add-columns");
    lake.append(lake.row(2L, "b", 7));
    assertThat(refresh()).isEqualTo("2 1 0 0");
    lake.table().updateSchema().updateColumn("n", Types.LongType.get()).commit();
    assertThat(refused().message()).contains("n", "was integer in the last refresh and is bigint");
    databases.atHome("ALTER TABLE public.t ALTER COLUMN n TYPE bigint");
    assertThat(refresh()).isEqualTo("2 0 0 0");
    lake.table().updateSchema().deleteColumn("n").commit();
    assertThat(refused().message()).contains("no column n any more");
    assertThat(target()).containsExactly("1|a", "2|b");
  }

  @Test
  void keysThatAreThereTwiceFailTheRefresh() throws Exception {
    lake.append(lake.row(1L, "a"));
    refresh();
    lake.append(lake.row(1L, "b"));
    assertThat(refused().code()).isEqualTo(ErrorCode.SOURCE_KEY_DUPLICATE);
    assertThat(target()).containsExactly("1|a");
  }

  @Test
  void aTextThatTheHomeCannotHoldNamesFileAndRow() throws Exception {
    var file = lake.append(lake.row(1L, "a"), lake.row(2L, "b\0"));
    var failure = refused();
    assertThat(failure.code()).isEqualTo(ErrorCode.ROW_MALFORMED);
    assertThat(failure.message()).contains(file.location() + ", row 2");
  }
}
