package io.tidemark.executor.staging;

import static io.tidemark.executor.staging.StagedRefresh.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.common.config.StagingPolicy.OnDuplicate;
import io.tidemark.common.config.StagingPolicy.OnNullKey;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.refresh.RowCounts;
import io.tidemark.executor.source.RowBatch;
import io.tidemark.executor.source.SplitReader.Format;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that do not fit, and rows that are lost. */
class LoadingTest {
  private StagedRefresh refresh;

  @BeforeEach
  void start() throws Exception {
    refresh = new StagedRefresh();
    refresh.columns("id int", "v int").key("id");
  }

  @AfterEach
  void stop() throws Exception {
    refresh.close();
  }

  private static ErrorCode code(Throwable error) {
    return ((TidemarkException) error).code();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "5\\tx | column v: invalid input syntax for type integer: \"x\"",
        "5\\t99999999999 | column v: value \"99999999999\" is out of range for type integer",
        "5 | missing data for column \"v\"",
        "5\\t6\\t7 | extra data after last expected column",
      })
  void aRowThatCannotBeReadIsNamedWithPlaceAndColumn(String row, String reason) {
    assertThatThrownBy(
            () -> refresh.refresh(text("1\t1", "2\t2", row.replace("\\t", "\t"), "4\t4")))
        .isInstanceOf(TidemarkException.class)
        .hasMessageContaining("a.csv, line 3")
        .hasMessageContaining(reason)
        .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.ROW_MALFORMED));
  }

  @Test
  void badRowsGoToQuarantineAndAllOthersAreLoaded() throws Exception {
    refresh.quarantine(10);
    assertThat(refresh.refresh(text("x\t0", "1\t1", "2\ty", "3\tz", "4\t4", "5"), text("6\t6")))
        .isEqualTo(new RowCounts(3, 3, 0, 0));
    assertThat(refresh.query("SELECT id FROM public.t ORDER BY id")).containsExactly("1", "4", "6");
    assertThat(
            refresh.query(
                "SELECT place || ' ' || coalesce(\"column\", '-') || ' ' || row"
                    + " FROM tidemark.quarantine ORDER BY place"))
        .containsExactly(
            "a.csv, line 1 id x\t0",
            "a.csv, line 3 v 2\ty",
            "a.csv, line 4 v 3\tz",
            "a.csv, line 6 - 5");
    assertThat(refresh.report.quarantined()).isEqualTo(4);
    assertThat(refresh.report.samples().getFirst()).contains("line 1", "invalid input syntax");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void rowsThatTheSourceRefusesGoThereToo(boolean quarantine) throws Exception {
    // Given
    if (quarantine) {
      refresh.quarantine(10);
    }
    var text = text("1\t1", "[2]", "3\tx", "4\t4", "{");
    var batch =
        new RowBatch(
            text.bytes(),
            text.rows(),
            0,
            "end",
            text.place(),
            new TreeMap<>(Map.of(1, "the line is not an object", 4, "the line is not JSON")));
    var plan = refresh.plan();
    var id = refresh.begin(plan);
    // When, then
    if (quarantine) {
      assertThat(refresh.load(id, plan, 0, Format.TEXT, batch))
          .isEqualTo(new StagingTable.Appended(2, 3));
      assertThat(
              refresh.query(
                  "SELECT place || ': ' || reason || ' ' || row FROM tidemark.quarantine"
                      + " WHERE \"column\" IS NULL ORDER BY place"))
          .containsExactly(
              "a.csv, line 2: the line is not an object [2]",
              "a.csv, line 5: the line is not JSON {");
    } else {
      assertThatThrownBy(() -> refresh.load(id, plan, 0, Format.TEXT, batch))
          .hasMessage("a.csv, line 2: the line is not an object")
          .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.ROW_MALFORMED));
    }
  }

  @Test
  void nothingIsDeletedWhileRowsAreInQuarantine() throws Exception {
    refresh.quarantine(10);
    refresh.refresh(text("1\t1", "2\t2", "3\t3"));
    assertThat(refresh.refresh(text("1\t10", "2\tx"))).isEqualTo(new RowCounts(1, 0, 1, 0));
    assertThat(refresh.query("SELECT t::text FROM public.t ORDER BY id"))
        .containsExactly("(1,10)", "(2,2)", "(3,3)");
    assertThat(refresh.refresh(text("1\t10", "2\t20"))).isEqualTo(new RowCounts(2, 0, 1, 1));
  }

  @Test
  void quarantineHasALimit() {
    refresh.quarantine(2);
    assertThatThrownBy(() -> refresh.refresh(text("x\t0", "y\t0", "1\t1"), text("z\t0")))
        .hasMessageContaining("max-bad-rows (2)")
        .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.ROW_MALFORMED));
  }

  @Test
  void badRowOfABinaryBatchIsFoundToo() throws Exception {
    refresh.quarantine(10).columns("id int", "v text");
    var bytes = ByteBuffer.allocate(1_000);
    for (var i = 0; i < 3; i++) {
      var value = i == 1 ? new byte[] {(byte) 0xff} : "ok".getBytes(StandardCharsets.UTF_8);
      bytes.putShort((short) 2).putInt(4).putInt(i).putInt(value.length).put(value);
    }
    var batch = new RowBatch(bytes.flip(), 3, 0, "end", row -> "row " + row);
    var plan = refresh.plan();
    var id = refresh.begin(plan);
    assertThat(refresh.load(id, plan, 0, Format.BINARY, batch))
        .isEqualTo(new StagingTable.Appended(2, 1));
    assertThat(refresh.finish(id, plan, 2)).isEqualTo(new RowCounts(2, 2, 0, 0));
    assertThat(refresh.query("SELECT place FROM tidemark.quarantine")).containsExactly("row 1");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void duplicatesFailWithASample(boolean firstLoad) throws Exception {
    if (!firstLoad) {
      refresh.refresh(text("1\t1"));
    }
    assertThatThrownBy(() -> refresh.refresh(text("7\t1", "8\t1"), text("7\t2", "8\t3", "9\t0")))
        .hasMessageContaining("2 keys")
        .hasMessageContaining("id=7 (2 rows)")
        .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.SOURCE_KEY_DUPLICATE));
  }

  @ParameterizedTest
  @CsvSource({"FIRST, 1, true", "LAST, 4, true", "FIRST, 1, false", "LAST, 4, false"})
  void ofDuplicatesFirstOrLastCounts(OnDuplicate which, int value, boolean firstLoad)
      throws Exception {
    if (!firstLoad) {
      refresh.refresh(text("1\t1"));
    }
    refresh.on(which);
    var plan = refresh.plan();
    var id = refresh.begin(plan);
    // The later split is loaded first.
    refresh.load(id, plan, 1, text("7\t3", "7\t4"));
    refresh.load(id, plan, 0, text("7\t1", "1\t1"));
    refresh.load(id, plan, 0, text("7\t2"));
    refresh.finish(id, plan, 5);
    assertThat(refresh.query("SELECT t::text FROM public.t ORDER BY id"))
        .containsExactly("(1,1)", "(7," + value + ")");
    assertThat(refresh.report.duplicates()).isEqualTo(3);
    assertThat(refresh.report.samples()).containsExactly("id=7 (4 rows)");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void rowsWithoutAKeyFailOrAreSkipped(boolean firstLoad) throws Exception {
    if (!firstLoad) {
      refresh.refresh(text("1\t1"));
    }
    assertThatThrownBy(() -> refresh.refresh(text("1\t1", "\\N\t5")))
        .hasMessageContaining("1 rows of the source lack a value in key column id")
        .hasMessageContaining("v=5")
        .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.SOURCE_KEY_NULL));
    refresh.on(OnNullKey.SKIP);
    refresh.refresh(text("1\t1", "\\N\t5", "2\t2"));
    assertThat(refresh.query("SELECT id FROM public.t ORDER BY id")).containsExactly("1", "2");
    assertThat(refresh.report.nullKeys()).isEqualTo(1);
  }

  @Test
  void stagingThatACrashHasEmptiedIsNoticedEverywhereAndDeletesNothing() throws Exception {
    refresh.refresh(text("1\t1", "2\t2"));
    var plan = refresh.plan();
    var id = refresh.begin(plan);
    refresh.load(id, plan, 0, text("1\t1", "2\t2"));
    refresh.prepare(id, plan, 2);
    var staging = new StagingTable(id, plan);
    // What recovery from a crash does to unlogged tables.
    refresh.home("TRUNCATE " + staging.name(), "TRUNCATE tidemark.staging_marks");
    assertThat(staging.lost(refresh.home)).isTrue();
    assertThatThrownBy(
            () ->
                refresh.inTransaction(
                    () ->
                        new StagedMerge(id, plan, false)
                            .merge(refresh.home, 0, Optional.empty(), Optional.empty())))
        .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.STAGING_LOST));
    assertThatThrownBy(() -> refresh.prepare(id, plan, 2))
        .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.STAGING_LOST));
    assertThatThrownBy(() -> refresh.load(id, plan, 0, text("3\t3")))
        .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.STAGING_LOST));
    // Loaded again, it is whole.
    refresh.inTransaction(() -> staging.clear(refresh.home));
    refresh.load(id, plan, 0, text("1\t1", "2\t2", "3\t3"));
    assertThat(refresh.finish(id, plan, 3)).isEqualTo(new RowCounts(3, 1, 0, 0));
  }

  @Test
  void rowsThatAreMissingAreNeverDeletes() throws Exception {
    refresh.refresh(text("1\t1", "2\t2"));
    var plan = refresh.plan();
    var id = refresh.begin(plan);
    refresh.load(id, plan, 0, text("1\t1"));
    assertThatThrownBy(() -> refresh.prepare(id, plan, 2))
        .hasMessageContaining("2 rows were staged", "but 1 are there")
        .satisfies(e -> assertThat(code(e)).isEqualTo(ErrorCode.STAGING_LOST));
  }

  @Test
  void skewedKeysAreSlicedByTheirNumber() throws Exception {
    refresh.refresh(text("1\t1"));
    refresh.vnodes(8);
    var plan = refresh.plan();
    var id = refresh.begin(plan);
    var rows =
        IntStream.range(0, 8_000)
            .mapToObj(i -> (i < 7_000 ? i : i * 100_000) + "\t" + i)
            .toArray(String[]::new);
    refresh.load(id, plan, 0, text(rows));
    var prepared = refresh.prepare(id, plan, 8_000);
    assertThat(prepared.vnodes()).hasSize(8).allMatch(it -> it.rowsPlanned() == 1_000);
  }
}
