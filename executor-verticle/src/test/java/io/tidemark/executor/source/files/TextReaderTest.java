package io.tidemark.executor.source.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.common.config.CsvDialect;
import io.tidemark.common.config.CsvDialect.Encoding;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.source.RowBatch;
import io.tidemark.executor.source.SplitReader;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextReaderTest {
  private static final int ROWS = 70_000;

  @TempDir Path folder;

  private final CsvFormat format = csv(Encoding.UTF_8);

  @ParameterizedTest
  @ValueSource(strings = {"plain.csv", "packed.csv.gz", "marked.csv"})
  void aSplitIsContinuedAtEachPositionWithoutLossOrDouble(String name) throws Exception {
    var files =
        List.of(
            write("0-" + name, StandardCharsets.UTF_8, 0, ROWS),
            write("1-" + name, StandardCharsets.UTF_8, ROWS, ROWS + 10));
    var split = new FileSplit(files, 0, 0, 0);
    var expected = IntStream.range(0, ROWS + 10).mapToObj(TextReaderTest::copied).toList();

    var positions = new ArrayList<String>();
    var counts = new ArrayList<Integer>();
    var rows = new ArrayList<String>();
    try (var reader = reader(format, split, TextReader.Position.START)) {
      for (RowBatch batch; (batch = reader.next()) != null; ) {
        rows.addAll(texts(batch));
        positions.add(batch.position());
        counts.add(rows.size());
        assertThat(batch.place().apply(batch.rows() - 1)).isEqualTo(place(files, rows.size() - 1));
      }
    }
    assertThat(rows).isEqualTo(expected);
    assertThat(positions).hasSizeGreaterThan(2);
    for (var i = 0; i < positions.size(); i++) {
      try (var reader = reader(format, split, TextReader.Position.of(positions.get(i)))) {
        assertThat(all(reader)).isEqualTo(expected.subList(counts.get(i), expected.size()));
      }
    }
  }

  @Test
  void piecesOfALargeFileHoldEachRowOnceAndKnowTheirLines() throws Exception {
    var file = write("large.csv", StandardCharsets.UTF_8, 0, ROWS);
    var cuts = CsvCuts.find(Path.of(file.path()), (byte) '"', 300_000);
    var rows = new ArrayList<String>();
    var from = new CsvCuts.Cut(0, 1);
    cuts.add(new CsvCuts.Cut(file.size(), 0));
    for (var cut : cuts) {
      var split = new FileSplit(List.of(file), from.offset(), cut.offset(), from.line());
      try (var reader = reader(format, split, TextReader.Position.START)) {
        for (RowBatch batch; (batch = reader.next()) != null; ) {
          assertThat(batch.place().apply(0)).isEqualTo(place(List.of(file), rows.size()));
          rows.addAll(texts(batch));
        }
      }
      from = cut;
    }
    assertThat(cuts).hasSizeGreaterThan(4);
    assertThat(rows).isEqualTo(IntStream.range(0, ROWS).mapToObj(TextReaderTest::copied).toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16", "ISO-8859-1"})
  void otherEncodingsBecomeUtf8(String charset) throws Exception {
    var file = write("other.csv", Charset.forName(charset), 0, 1000);
    var encoding = charset.equals("UTF-16") ? Encoding.UTF_16 : Encoding.LATIN_1;
    try (var reader =
        reader(csv(encoding), new FileSplit(List.of(file), 0, 0, 0), TextReader.Position.START)) {
      assertThat(all(reader))
          .isEqualTo(IntStream.range(0, 1000).mapToObj(TextReaderTest::copied).toList());
    }
  }

  @Test
  void bytesThatAreNotInTheEncodingAreNamedByLine() throws Exception {
    var path = folder.resolve("odd.csv");
    var bytes = "id,text\n1,a\n2,b".getBytes(StandardCharsets.UTF_16);
    bytes[bytes.length - 2] = (byte) 0xDC; // half of a surrogate pair
    Files.write(path, bytes);
    var split = new FileSplit(List.of(SourceFile.of(path)), 0, 0, 0);
    try (var reader = reader(csv(Encoding.UTF_16), split, TextReader.Position.START)) {
      assertThatThrownBy(reader::next)
          .isInstanceOf(TidemarkException.class)
          .hasMessage(path + ", line 3: bytes that are not in the file's encoding");
    }
  }

  @Test
  void aFileThatIsCutOffWhileItIsReadIsAChangedSource() throws Exception {
    var file = write("cut.csv", StandardCharsets.UTF_8, 0, ROWS);
    try (var reader =
        reader(format, new FileSplit(List.of(file), 0, 0, 0), TextReader.Position.START)) {
      assertThat(reader.next()).isNotNull();
      try (var channel = Files.newByteChannel(Path.of(file.path()), StandardOpenOption.WRITE)) {
        channel.truncate(file.size() / 2);
      }
      assertThatThrownBy(() -> all(reader))
          .isInstanceOfSatisfying(
              TidemarkException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.SOURCE_CHANGED))
          .hasMessageContaining(file.path());
    }
  }

  @Test
  void packedBytesThatEndTooSoonAreNoCleanEnd() throws Exception {
    var whole = write("whole.csv.gz", StandardCharsets.UTF_8, 0, ROWS);
    var bytes = Files.readAllBytes(Path.of(whole.path()));
    var path = folder.resolve("half.csv.gz");
    Files.write(path, java.util.Arrays.copyOf(bytes, bytes.length - 10));
    var split = new FileSplit(List.of(SourceFile.of(path)), 0, 0, 0);
    try (var reader = reader(format, split, TextReader.Position.START)) {
      assertThatThrownBy(() -> all(reader))
          .isInstanceOfSatisfying(
              TidemarkException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SOURCE_FAILED))
          .hasMessage(path + " ends in the middle of what is compressed");
    }
  }

  @Test
  void anAbortedReadEndsWithAnError() throws Exception {
    var file = write("aborted.csv", StandardCharsets.UTF_8, 0, ROWS);
    try (var reader =
        reader(format, new FileSplit(List.of(file), 0, 0, 0), TextReader.Position.START)) {
      assertThat(reader.next()).isNotNull();
      reader.abort();
      assertThatThrownBy(() -> all(reader)).isInstanceOf(SQLException.class);
    }
  }

  @Test
  void filesWithDifferentColumnsAreBothNamed() throws Exception {
    var first = write("a.csv", StandardCharsets.UTF_8, 0, 5);
    var path = Files.writeString(folder.resolve("b.csv"), "id,other\n1,2\n");
    assertThatThrownBy(
            () ->
                new CsvColumns(CsvDialect.DEFAULT, java.util.Map.of(), false)
                    .of(List.of(first, SourceFile.of(path))))
        .isInstanceOf(TidemarkException.class)
        .hasMessage(
            "%s has the columns id, other, but %s has id, text".formatted(path, first.path()));
  }

  @Test
  void tenThousandSmallFilesAreFewSplits() throws Exception {
    var files = IntStream.range(0, 10_000).mapToObj(i -> new SourceFile("f" + i, 50, 1)).toList();
    var splits = new TextSplits(true, (byte) '"').of(files);
    assertThat(splits).hasSize(40);
    assertThat(splits.stream().flatMap(split -> split.files().stream()).toList()).isEqualTo(files);
  }

  private static CsvFormat csv(Encoding encoding) {
    return new CsvFormat(
        new CsvDialect(Optional.empty(), '"', '"', true, "", encoding),
        List.of("id", "text"),
        "first.csv");
  }

  private static SplitReader reader(
      CsvFormat format, FileSplit split, TextReader.Position position) {
    return new TextReader(format, split, new int[] {1, 0}, false, position);
  }

  private static String copied(int row) {
    return "é\\n\"" + row + "\"\t" + row;
  }

  /** Each record is two lines, after the header. */
  private static String place(List<SourceFile> files, int row) {
    return files.get(row / ROWS).path() + ", line " + (2 + 2 * (row % ROWS));
  }

  private SourceFile write(String name, Charset charset, int from, int to) throws IOException {
    var path = folder.resolve(name);
    var bytes = Files.newOutputStream(path);
    try (var text =
        new OutputStreamWriter(
            name.endsWith(".gz") ? new GZIPOutputStream(bytes) : bytes, charset)) {
      text.write(name.contains("marked") ? "\uFEFF" : "");
      text.write("id,text\n");
      for (var row = from; row < to; row++) {
        text.write("%d,\"é\n\"\"%d\"\"\"\n".formatted(row, row));
      }
    }
    return SourceFile.of(path);
  }

  private static List<String> all(SplitReader reader) throws SQLException {
    var all = new ArrayList<String>();
    for (RowBatch batch; (batch = reader.next()) != null; ) {
      all.addAll(texts(batch));
    }
    return all;
  }

  private static List<String> texts(RowBatch batch) {
    var texts =
        StandardCharsets.UTF_8.decode(batch.bytes().duplicate()).toString().lines().toList();
    assertThat(texts).hasSize(batch.rows());
    return texts;
  }
}
