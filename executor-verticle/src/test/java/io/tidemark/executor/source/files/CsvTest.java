package io.tidemark.executor.source.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.common.config.CsvDialect;
import io.tidemark.common.config.CsvDialect.Encoding;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.plan.TwoDatabases;
import io.tidemark.executor.source.Connector;
import io.tidemark.executor.source.Loading;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvTest {
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
  void valuesTravelAsTheyAreWritten() throws Exception {
    folder.write(
        "a.csv",
        String.join(
            "\r\n",
            "id,text,void",
            "1,\"two\r\nlines\",",
            "2,\"\",\"\"",
            "3,\"a \"\"quote\"\"\tand \\ \\N\",x",
            "4,\\N,ünï",
            ""));
    try (var files = folder.connector()) {
      var loading = loading(files).all();
      assertThat(loading.types()).containsExactly("bigint", "text", "text");
      assertThat(loading.column("SELECT text FROM loaded ORDER BY id"))
          .containsExactly("two\r\nlines", "", "a \"quote\"\tand \\ \\N", "\\N");
      assertThat(loading.column("SELECT coalesce(void, 'null') FROM loaded ORDER BY id"))
          .containsExactly("null", "", "x", "ünï");
    }
  }

  @Test
  void typesAreOnlyGuessedFromFormsThatMeanTheSameEverywhere() throws Exception {
    folder.write(
        "a.csv",
        """
        i,n,z,b,d,us,ts,tz,u,none
        -1,1.50,007,true,2024-02-29,01/02/2024,2024-02-29 10:00,2024-02-29T10:00:00Z,7f3a0c1e-0000-4000-8000-000000000001,
        2,3,1,FALSE,2024-03-01,03/04/2024,2024-02-29 10:00:00.123456,2024-02-29 10:00:00+01:00,7f3a0c1e-0000-4000-8000-000000000002,
        """);
    try (var files = folder.connector()) {
      assertThat(loading(files).all().types())
          .containsExactly(
              "bigint",
              "numeric",
              "text",
              "boolean",
              "date",
              "text",
              "timestamp",
              "timestamptz",
              "uuid",
              "text");
    }
  }

  @ParameterizedTest
  @CsvSource({"UTF_8, UTF-8", "UTF_16, UTF-16LE", "LATIN_1, ISO-8859-1"})
  void dialectsAreReadAsTheyAreSaidToBe(Encoding encoding, String charset) throws Exception {
    folder.write("a.csv", "1;'it''s; ÄÖ'\n2;NIL\n3;'NIL'\n", Charset.forName(charset));
    var dialect = new CsvDialect(Optional.of(';'), '\'', '\'', false, "NIL", encoding);
    var columns = new LinkedHashMap<String, String>();
    columns.put("id", "int");
    columns.put("t", "text");
    try (var files = folder.connector(columns, dialect)) {
      assertThat(loading(files).all().column("SELECT coalesce(t, '?') FROM loaded ORDER BY id"))
          .containsExactly("it's; ÄÖ", "?", "NIL");
    }
  }

  @Test
  void aFolderHoldsCompressedFilesAndFoldersAndWhatIsHiddenIsLeftOut() throws Exception {
    folder.write("a.csv", "id\n1\n");
    folder.gzip("b.csv.gz", "id\n2\n");
    folder.write("deep/c.tsv", "id\n3\n");
    folder.write(".hidden.csv", "id\n4\n");
    folder.write("_tmp/d.csv", "id\n5\n");
    folder.write("README.md", "no rows here\n");
    try (var files = folder.connector();
        var glob = folder.connector("*.csv*");
        var one = folder.connector("a.csv")) {
      assertThat(loading(files).all().column("SELECT id FROM loaded ORDER BY 1"))
          .containsExactly("1", "2", "3");
      assertThat(loading(glob).all().column("SELECT id FROM loaded ORDER BY 1"))
          .containsExactly("1", "2");
      assertThat(loading(one).all().column("SELECT id FROM loaded")).containsExactly("1");
    }
  }

  @Test
  void anEmptyFolderIsAnEmptySourceButAFileThatIsNotThereIsAnError() throws Exception {
    try (var none = folder.connector();
        var glob = folder.connector("*.csv");
        var missing = folder.connector("missing.csv");
        var unmounted = folder.connector("missing/*.csv")) {
      assertThat(none.look().splits()).isEmpty();
      assertThat(glob.look().splits()).isEmpty();
      assertThatThrownBy(unmounted::look)
          .isInstanceOf(TidemarkException.class)
          .hasMessageContaining("there is no file or folder");
      assertThatThrownBy(missing::look)
          .isInstanceOf(TidemarkException.class)
          .hasMessageContaining("missing.csv");
    }
  }

  @Test
  void aSplitGoesOnAtEveryPositionWithoutLossOrDoubling() throws Exception {
    var rows =
        IntStream.range(0, 60_000)
            .mapToObj(i -> i + ",\"line\n" + i + "\"")
            .collect(Collectors.joining("\n"));
    folder.write("a.csv", "id,t\n" + rows + "\n");
    try (var files = folder.connector()) {
      var loading = loading(files);
      var reader = loading.open(0, Optional.empty());
      while (true) {
        var batch = reader.next();
        if (batch == null) {
          break;
        }
        loading.append(reader, batch);
        reader.close();
        reader = loading.open(0, Optional.of(batch.position()));
      }
      reader.close();
      assertThat(
              loading.column(
                  "SELECT count(*) || ' ' || count(DISTINCT id) || ' ' || sum(id) FROM loaded"
                      + " WHERE t = E'line\\n' || id"))
          .containsExactly("60000 60000 1799970000");
    }
  }

  @Test
  void rowsComeInTheOrderOfTheFile() throws Exception {
    folder.write(
        "a.csv",
        IntStream.range(0, 200_000)
            .mapToObj(i -> i + ",x")
            .collect(Collectors.joining("\n", "id,t\n", "\n")));
    try (var files = folder.connector()) {
      var loading = loading(files).all();
      assertThat(
              loading.column(
                  "SELECT count(*) FROM (SELECT id, lag(id) OVER (ORDER BY ctid) b FROM loaded) s"
                      + " WHERE id <> b + 1"))
          .containsExactly("0");
    }
  }

  @Test
  void manyFilesShareSplits() throws Exception {
    for (var i = 0; i < 1_000; i++) {
      folder.write("f" + i + ".csv", "id\n" + i + "\n");
    }
    try (var files = folder.connector()) {
      var loading = loading(files).all();
      assertThat(loading.version.splits()).hasSize(4);
      assertThat(loading.column("SELECT count(DISTINCT id) FROM loaded")).containsExactly("1000");
    }
  }

  @Test
  void placesNameTheFileAndTheLineInWhichARecordBegins() throws Exception {
    folder.write("a.csv", "id,t\n\n1,\"a\nb\"\n2,c\n");
    folder.write("b.csv", "id,t\n3,d\n");
    try (var files = folder.connector()) {
      var loading = loading(files);
      try (var both = loading.open(0, Optional.empty())) {
        var batch = both.next();
        assertThat(batch).isNotNull();
        assertThat(batch.place().apply(0)).endsWith("a.csv, line 3");
        assertThat(batch.place().apply(1)).endsWith("a.csv, line 5");
        assertThat(batch.place().apply(2)).endsWith("b.csv, line 2");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'id,t\n1,\"a\n', ROW_MALFORMED, 'a.csv, line 2: a quote is opened and not closed'",
    "'id,t\n1,a\n2,b\"\n', ROW_MALFORMED, 'a.csv, line 3: a quote stands inside'",
    "'id,id\n1,2\n', COLUMN_MISSING, 'a.csv has two columns that are called \"id\"'",
    "'id,\n1,2\n', COLUMN_MISSING, 'a.csv has a column without a name'",
    "'', COLUMN_MISSING, 'not even a line'"
  })
  void whatIsNotWellFormedEndsWithAnError(String content, ErrorCode code, String says)
      throws Exception {
    folder.write("a.csv", content);
    try (var files = folder.connector()) {
      Refused.with(code, () -> loading(files).all(), says);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'2', 'missing data for column \"t\"'",
    "'2,b,c', 'extra data after last expected column'"
  })
  void aRecordWithAnotherNumberOfValuesIsRefusedByTheHomeInItsPlace(String record, String says)
      throws Exception {
    folder.write("a.csv", "id,t\n1,a\n" + record + "\n3,c\n");
    try (var files = folder.connector()) {
      assertThatThrownBy(() -> loading(files).all())
          .isInstanceOf(SQLException.class)
          .hasMessageContaining(says)
          .hasMessageContaining("COPY loaded, line 2");
    }
  }

  @Test
  void bytesThatAreNoTextInTheEncodingAreAnError() throws Exception {
    Files.write(temp.resolve("a.csv"), "id,t\n1,\u00e4\n".getBytes(StandardCharsets.ISO_8859_1));
    try (var files = folder.connector()) {
      assertThatThrownBy(() -> loading(files).all())
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("invalid byte sequence")
          .hasMessageContaining("COPY loaded, line 1");
    }
  }

  @Test
  void filesWithOtherColumnsAreNotReadTogether() throws Exception {
    folder.write("a.csv", "id,t\n1,a\n");
    folder.write("b.csv", "t,id\nb,2\n");
    try (var files = folder.connector()) {
      Refused.with(
          ErrorCode.SCHEMA_CHANGED,
          () -> loading(files).all(),
          "b.csv has the columns t, id, but ");
    }
  }

  @Test
  void longLinesAndManyColumnsAreRead() throws Exception {
    var wide = IntStream.range(0, 1_000).mapToObj(i -> "c" + i).collect(Collectors.joining(","));
    folder.write("wide/a.csv", wide + "\n" + wide + "\n");
    folder.write("long/a.csv", "id,t\n1," + "x".repeat(5 << 20) + "\n2,y\n");
    try (var columns = folder.connector("wide");
        var lines = folder.connector("long")) {
      assertThat(loading(columns).all().column("SELECT c999 FROM loaded")).containsExactly("c999");
      assertThat(loading(lines).all().column("SELECT length(t) FROM loaded ORDER BY id"))
          .containsExactly("5242880", "1");
    }
  }
}
