package io.tidemark.executor.source.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.common.config.CsvDialect;
import io.tidemark.common.config.CsvDialect.Encoding;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.source.CopyText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvRowsTest {
  private static final CsvDialect BACKSLASH =
      new CsvDialect(Optional.empty(), '"', '\\', true, "", Encoding.UTF_8);
  private static final CsvDialect NULL_WORD =
      new CsvDialect(Optional.empty(), '\'', '\'', true, "NULL", Encoding.UTF_8);

  @TempDir Path folder;

  @Test
  void nullAndEmptyAreApart() throws IOException {
    assertThat(rows("a,,\"\"\n,\"\",b\n", 3, CsvDialect.DEFAULT))
        .containsExactly("a\t\\N\t", "\\N\t\tb");
    assertThat(rows("NULL,'NULL',\n", 3, NULL_WORD)).containsExactly("\\N\tNULL\t");
  }

  @Test
  void quotesHoldDelimitersNewlinesAndDoubledQuotes() throws IOException {
    assertThat(rows("\"a,b\",\"c\nd\"\n\"e\"\"f\",\"\"\"\"\n", 2, CsvDialect.DEFAULT))
        .containsExactly("a,b\tc\\nd", "e\"f\t\"");
  }

  @Test
  void anEscapeOfItsOwnStandsForWhatFollowsIt() throws IOException {
    assertThat(rows("\"a\\\"b\",\"c\\\\d\",\"e\\nf\"\n", 3, BACKSLASH))
        .containsExactly("a\"b\tc\\\\d\te\\\\nf");
  }

  @Test
  void whatCopyWouldReadOtherwiseIsEscaped() throws IOException {
    assertThat(rows("a\\N,\\.,x\ty\rz\n", 3, CsvDialect.DEFAULT))
        .containsExactly("a\\\\N\t\\\\.\tx\\ty\\rz");
  }

  @Test
  void linesEndWithOrWithoutCarriageReturnAndTheLastOneNeedsNoEnd() throws IOException {
    assertThat(rows("a,b\r\n\"c\",\"d\"\r\ne,f", 2, CsvDialect.DEFAULT))
        .containsExactly("a\tb", "c\td", "e\tf");
  }

  @Test
  void blankLinesAreNoRecordsWhereThereAreSeveralColumns() throws IOException {
    assertThat(rows("\na,b\n\n\r\nc,d\n\n", 2, CsvDialect.DEFAULT)).containsExactly("a\tb", "c\td");
    assertThat(rows("a\n\n\"\"\n", 1, CsvDialect.DEFAULT)).containsExactly("a", "\\N", "");
  }

  @Test
  void aRecordWithAnotherNumberOfValuesIsARowThatTheHomeRefuses() throws IOException {
    var rows = csv("a,b,c\nd\ne,f\n", 2, CsvDialect.DEFAULT);
    assertThat(all(rows, 0, 1)).containsExactly("a\tb\tc", "d", "e\tf");
    assertThat(all(csv("a,b,c\n", 2, CsvDialect.DEFAULT), 0, 1, 0)).containsExactly("a\tb\tc\t\\N");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a,b~c\"d,e~|f.csv, line 2: a quote stands inside a value that does not begin with one",
        "\"a~b\",c~\"d\"e,f~|f.csv, line 3: something follows a closing quote",
        "a,b~~c,\"d~e,f~|f.csv, line 3: a quote is opened and not closed",
      })
  void quotesThatCouldMeanManyThingsAreRefusedByLine(String text, String message) {
    assertThatThrownBy(() -> rows(text.replace('~', '\n'), 2, CsvDialect.DEFAULT))
        .isInstanceOf(TidemarkException.class)
        .hasMessage(message);
  }

  /** Buffers are smaller than some records, so that their borders fall everywhere. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void anyTableIsReadAsItWasWrittenFromAnyOfItsRecordsAndInPieces(long seed) throws IOException {
    var random = new Random(seed);
    var columns = 1 + random.nextInt(4);
    var dialect = seed % 4 == 0 ? BACKSLASH : CsvDialect.DEFAULT;
    var csv = new StringBuilder();
    var expected = new ArrayList<String>();
    for (var row = 0; row < 400; row++) {
      var copy = new CopyText();
      for (var column = 0; column < columns; column++) {
        csv.append(column == 0 ? "" : ",");
        copy.value(write(random, dialect, columns > 1, csv));
      }
      copy.endRow();
      expected.add(new String(copy.rows().array(), 0, copy.length() - 1, StandardCharsets.UTF_8));
      csv.append(random.nextInt(3) == 0 ? "\r\n" : "\n");
    }
    var bytes = csv.toString().getBytes(StandardCharsets.UTF_8);

    var whole = rows(bytes, 0, bytes.length, 1, columns, dialect);
    var wanted = IntStream.range(0, columns).toArray();
    var places = new ArrayList<long[]>(List.of(new long[] {0, 1}));
    var read = new ArrayList<String>();
    for (var copy = new CopyText(); whole.next(); copy.clear()) {
      whole.append(wanted, copy);
      read.add(new String(copy.rows().array(), 0, copy.length() - 1, StandardCharsets.UTF_8));
      places.add(new long[] {whole.offset(), whole.nextLine()});
    }
    assertThat(read).isEqualTo(expected);

    for (var at = 0; at < places.size(); at += 7) {
      var place = places.get(at);
      var rest = rows(bytes, (int) place[0], bytes.length, place[1], columns, dialect);
      assertThat(all(rest, wanted)).isEqualTo(expected.subList(at, expected.size()));
    }

    if (dialect.escape() == dialect.quote()) {
      var file = Files.write(folder.resolve("f.csv"), bytes);
      for (var every : List.of(1L, 10L, 333L, 5000L)) {
        var cuts = new ArrayList<>(List.of(new CsvCuts.Cut(0, 1)));
        cuts.addAll(CsvCuts.find(file, (byte) '"', every));
        var pieces = new ArrayList<String>();
        for (var i = 0; i < cuts.size(); i++) {
          var from = cuts.get(i);
          var to = i + 1 < cuts.size() ? (int) cuts.get(i + 1).offset() : bytes.length;
          var piece = rows(bytes, (int) from.offset(), to, from.line(), columns, dialect);
          pieces.addAll(all(piece, wanted));
          assertThat(piece.nextLine())
              .isEqualTo(i + 1 < cuts.size() ? cuts.get(i + 1).line() : piece.nextLine());
        }
        assertThat(cuts).as("every %d", every).hasSizeGreaterThan(every > 1000 ? 1 : 5);
        assertThat(pieces).isEqualTo(expected);
      }
    }
  }

  /** Appends a value as CSV; what it stands for. */
  private static String write(
      Random random, CsvDialect dialect, boolean mayBeNull, StringBuilder csv) {
    if (mayBeNull && random.nextInt(8) == 0) {
      return null;
    }
    var parts = List.of("a", "é", "\u4e16", "\\", "\"", ",", "\n", "\r\n", "\t", " ", "7");
    var length = random.nextInt(60) == 0 ? 30_000 : random.nextInt(7);
    var value = new StringBuilder();
    for (var i = 0; i < length; i++) {
      value.append(parts.get(random.nextInt(parts.size())));
    }
    if (random.nextInt(4) == 0) {
      value.append(" plain".repeat(random.nextInt(12)));
      value.append(parts.get(random.nextInt(parts.size())));
    }
    var text = value.toString();
    var plain = text.matches("[^\",\n\r]+");
    if (plain && random.nextBoolean()) {
      csv.append(text);
    } else {
      var escape = String.valueOf(dialect.escape());
      var escaped = dialect.escape() == '"' ? text : text.replace(escape, escape + escape);
      csv.append('"').append(escaped.replace("\"", escape + "\"")).append('"');
    }
    return text;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "1,a\"b\"c|a quote stands inside",
        "\"1\"x,\"a\"|something follows",
        "\"1\"\"\",\"a\"b|something follows"
      })
  void inQuarantineALineWhoseQuotesArePairsIsARecordOfItsOwn(String line, String reason)
      throws IOException {
    // Given
    var rows = csv("0,\"x\ny\"\n" + line + "\n2,z\n", 2, CsvDialect.DEFAULT);
    rows.quarantine();
    rows.next();
    // When
    var isThere = rows.next();
    // Then
    assertThat(isThere).isTrue();
    assertThat(rows.refused()).startsWith(reason);
    assertThat(rows.line()).isEqualTo(3);
    var copy = new CopyText();
    rows.append(new int[] {0, 1}, copy);
    assertThat(new String(copy.rows().array(), 0, copy.length(), StandardCharsets.UTF_8))
        .isEqualTo(line + "\n");
    assertThat(all(rows, 0, 1)).containsExactly("2\tz");
    assertThat(rows.line()).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1,a\"b\n2,c\n", "\"1\"x\"\n2,c\n", "1,\"a\n2,b\n", "1,\"a\nb\"c\n2,d\n"})
  void whereABrokenRecordEndsIsNeverGuessed(String text) throws IOException {
    var rows = csv(text, 2, CsvDialect.DEFAULT);
    rows.quarantine();
    assertThatThrownBy(rows::next)
        .isInstanceOf(TidemarkException.class)
        .hasMessageContaining("f.csv, line 1: ");
    var escaped = csv("1,a\"b\"\n", 2, BACKSLASH);
    escaped.quarantine();
    assertThatThrownBy(escaped::next).isInstanceOf(TidemarkException.class);
  }

  private static List<String> rows(String text, int columns, CsvDialect dialect)
      throws IOException {
    return all(csv(text, columns, dialect), IntStream.range(0, columns).toArray());
  }

  private static CsvRows csv(String text, int columns, CsvDialect dialect) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    return rows(bytes, 0, bytes.length, 1, columns, dialect);
  }

  private static CsvRows rows(
      byte[] bytes, int from, int to, long line, int columns, CsvDialect dialect) {
    var window = new Window(new ByteArrayInputStream(bytes, from, to - from), from, 0);
    return new CsvRows("f.csv", window, line, columns, ',', dialect);
  }

  private static List<String> all(CsvRows rows, int... wanted) throws IOException {
    var all = new ArrayList<String>();
    for (var copy = new CopyText(); rows.next(); copy.clear()) {
      rows.append(wanted, copy);
      all.add(new String(copy.rows().array(), 0, copy.length() - 1, StandardCharsets.UTF_8));
    }
    return all;
  }
}
