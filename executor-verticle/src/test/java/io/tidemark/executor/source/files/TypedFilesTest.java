package io.tidemark.executor.source.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.config.SourceDefinition.FileFormat;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.executor.plan.TwoDatabases;
import io.tidemark.executor.source.Connector;
import io.tidemark.executor.source.Loading;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** NDJSON and Parquet. */
class TypedFilesTest {
  @TempDir Path temp;
  private Folder folder;
  private TwoDatabases home;

  @BeforeEach
  void open() throws Exception {
    folder = new Folder(temp);
    home = new TwoDatabases();
  }

  @AfterEach
  void close() throws Exception {
    home.close();
  }

  private Loading loading(Connector connector) throws Exception {
    return new Loading(home.home, connector);
  }

  @Test
  void everyTypeOfParquetIsReadWithoutLoss() throws Exception {
    folder.parquet(
        "a.parquet",
        """
        SELECT true AS b, 255::utinyint AS ut, (-32768)::smallint AS s, 18446744073709551615::ubigint AS ub,
          1.50::decimal(10,2) AS n, 0.1::float AS f, 'nan'::double AS d, 1e-300::double AS e,
          date '0044-03-15 (BC)' AS bc, 'infinity'::date AS inf, time '23:59:59.123456' AS t,
          timestamp '2024-02-29 10:00:00.000001' AS ts, timestamptz '2024-02-29 10:00:00+02' AS tz,
          'a	b\\c'::varchar AS v, '\\x00\\xFF'::blob AS bl, [1, NULL] AS l, {'a': 'x', 'b': [1.5]} AS st,
          map {'k': 1} AS m, uuid '7f3a0c1e-0000-4000-8000-000000000001' AS u, NULL::integer AS none
        """);
    try (var files = folder.connector()) {
      var loading = loading(files).all();
      assertThat(loading.row())
          .containsExactly(
              "t",
              "255",
              "-32768",
              "18446744073709551615",
              "1.50",
              "0.1",
              "NaN",
              "1e-300",
              "0044-03-15 BC",
              "infinity",
              "23:59:59.123456",
              "2024-02-29 10:00:00.000001",
              loading.column("SELECT '2024-02-29 08:00:00+00'::timestamptz::text").getFirst(),
              "a\tb\\c",
              "\\x00ff",
              "[1, null]",
              "{\"a\": \"x\", \"b\": [1.5]}",
              "{\"k\": 1}",
              "7f3a0c1e-0000-4000-8000-000000000001",
              null);
    }
  }

  @Test
  void textInParquetKeepsWhatTheCopyFormatHasAMeaningFor() throws Exception {
    folder.parquet(
        "a.parquet",
        "SELECT 'a' || chr(10) || 'b' || chr(13) || 'ä😀\t' AS v, '\\N' AS n, '' AS none, '\\.' AS dot");
    try (var files = folder.connector()) {
      assertThat(loading(files).all().row()).containsExactly("a\nb\rä😀\t", "\\N", "", "\\.");
    }
  }

  @Test
  void aLargeParquetFileIsReadInPiecesEachOfWhichGoesOnWhereItStood() throws Exception {
    folder.parquet("a.parquet", "SELECT range AS id, md5(range::varchar) AS t FROM range(1000000)");
    try (var files = folder.connector()) {
      var loading = loading(files);
      assertThat(loading.version.splits()).hasSize(4);
      for (var split = 0; split < 4; split++) {
        var position = Optional.<String>empty();
        try (var reader = loading.open(split, position)) {
          for (var i = 0; i < 3; i++) {
            var batch = reader.next();
            assertThat(batch).isNotNull();
            loading.append(reader, batch);
            position = Optional.of(batch.position());
          }
        }
        loading.from(split, position);
      }
      assertThat(
              loading.column(
                  "SELECT count(*) || ' ' || count(DISTINCT id) || ' ' || max(id) FROM loaded"))
          .containsExactly("1000000 1000000 999999");
    }
  }

  @Test
  void smallParquetFilesAreReadTogetherAndGoOnInTheMiddleOfOne() throws Exception {
    // Given: more files than splits; some hold nothing, and one kind is written otherwise
    folder.parquets(
        300,
        file ->
            "SELECT (%d + range)::%s AS id, repeat('x', 5000) AS t FROM range(%d)"
                .formatted(file * 200, file % 40 == 7 ? "uint16" : "integer", file % 3 * 75));
    var ids =
        IntStream.range(0, 300)
            .flatMap(file -> IntStream.range(0, file % 3 * 75).map(row -> file * 200 + row));
    try (var files = folder.connector()) {
      var loading = loading(files);
      assertThat(loading.version.splits()).hasSizeLessThan(300);
      // When: each split is read on by another reader after its first batch
      for (var split = 0; split < loading.version.splits().size(); split++) {
        var position = Optional.<String>empty();
        try (var reader = loading.open(split, position)) {
          var batch = reader.next();
          if (batch != null) {
            loading.append(reader, batch);
            position = Optional.of(batch.position());
          }
        }
        loading.from(split, position);
      }
      // Then
      assertThat(
              loading.column(
                  "SELECT count(*) || ' ' || count(DISTINCT id) || ' ' || sum(id) FROM loaded"))
          .containsExactly("22500 22500 " + ids.asLongStream().sum());
    }
  }

  @Test
  void aParquetFileIsTheOneOfItsNameWhateverThatLooksLike() throws Exception {
    for (var name : List.of("x[1]", "x1", "y?", "yz")) {
      folder.parquet(name + ".parquet", "SELECT $$" + name + "$$ AS name");
    }
    try (var files = folder.connector()) {
      assertThat(loading(files).all().column("SELECT name FROM loaded ORDER BY name COLLATE \"C\""))
          .containsExactly("x1", "x[1]", "y?", "yz");
    }
  }

  @Test
  void aParquetColumnMayHaveTheNameByWhichFilesAreNumbered() throws Exception {
    folder.parquets(
        300, file -> "SELECT %d + range AS \"File_Index\" FROM range(2)".formatted(file * 10));
    try (var files = folder.connector()) {
      var loading = loading(files);
      assertThat(loading.version.splits()).hasSizeLessThan(300);
      assertThat(loading.all().column("SELECT count(*) || ' ' || sum(\"File_Index\") FROM loaded"))
          .containsExactly("600 " + (2 * 10 * 299 * 300 / 2 + 300));
    }
  }

  @Test
  void fieldsOfAStructMakeAParquetFileAnother() throws Exception {
    folder.parquet("a.parquet", "SELECT {a: 1, b: 2} AS s, {c: 3, d: 4} AS t");
    folder.parquet("b.parquet", "SELECT {a: 1, c: 2} AS s, {b: 3, d: 4} AS t");
    try (var files = folder.connector()) {
      assertThat(loading(files).all().column("SELECT s::text || t::text FROM loaded ORDER BY 1"))
          .containsExactly(
              "{\"a\": 1, \"b\": 2}{\"c\": 3, \"d\": 4}",
              "{\"a\": 1, \"c\": 2}{\"b\": 3, \"d\": 4}");
    }
  }

  @Test
  void parquetFilesWithOtherTypesAreNamedBeforeAnythingIsRead() throws Exception {
    for (var file : List.of("a", "b", "d")) {
      folder.parquet(file + ".parquet", "SELECT 1::integer AS id");
    }
    try (var files = folder.connector()) {
      assertThat(files.look().columns()).hasSize(1);
      folder.parquet("c.parquet", "SELECT 1::bigint AS id");
      Refused.with(
          ErrorCode.SCHEMA_CHANGED,
          files::look,
          "c.parquet has the columns id bigint, but others have id integer");
    }
  }

  @Test
  void ndjsonValuesTravelAsTheyAreWritten() throws Exception {
    folder.write(
        "a.ndjson",
        """
        {"id": 1, "n": 1.10, "t": "a\\tb\\u00e4", "j": {"x": [1, "y"]}, "b": true}

        {"id": 2, "n": null, "t": "", "j": "text"}
        """);
    folder.write("b.jsonl", "{\"id\": 3, \"new\": 12345678901234567890}\n");
    try (var files = folder.connector()) {
      var loading = loading(files).all();
      assertThat(loading.names()).containsExactlyInAnyOrder("id", "n", "t", "j", "b", "new");
      assertThat(
              loading.column(
                  "SELECT concat_ws('|', id, coalesce(n::text, '?'), coalesce(t, '?'),"
                      + " coalesce(j::text, '?'), coalesce(b::text, '?'), coalesce(new::text, '?'))"
                      + " FROM loaded ORDER BY id"))
          .containsExactly(
              "1|1.10|a\tbä|{\"x\": [1, \"y\"]}|true|?",
              "2|?||\"text\"|?|?",
              "3|?|?|?|?|12345678901234567890");
    }
  }

  @Test
  void malformedJsonIsAnErrorThatNamesItsPlace() throws Exception {
    folder.write("a.ndjson", "{\"id\": 1}\n{\"id\": \n");
    try (var files = folder.connector("a.ndjson", FileFormat.NDJSON)) {
      Refused.with(
          ErrorCode.ROW_MALFORMED,
          () -> loading(files).all(),
          "a.ndjson, line 2: the line is not JSON");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {"a.ndjson|{\"id\": 1}/{\"id\": /{\"id\": 3}/", "a.csv|id/1/\"2\"x/3/"})
  void inQuarantineABrokenRecordNeitherEndsTheLookNorTheReading(String name, String text)
      throws Exception {
    // Given
    folder.write(name, text.replace('/', '\n'));
    try (var files = folder.quarantining(name)) {
      var loading = loading(files);
      // When
      try (var reader = loading.open(0, Optional.empty())) {
        var batch = reader.next();
        // Then
        assertThat(loading.version.columns())
            .singleElement()
            .satisfies(column -> assertThat(column.type()).isEqualTo("bigint"));
        assertThat(batch).isNotNull();
        assertThat(batch.rows()).isEqualTo(3);
        assertThat(batch.refused()).containsOnlyKeys(1);
        assertThat(batch.place().apply(1)).endsWith(name.equals("a.csv") ? "line 3" : "line 2");
        assertThat(reader.next()).isNull();
      }
    }
  }
}
