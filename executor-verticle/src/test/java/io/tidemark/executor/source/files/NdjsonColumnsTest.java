package io.tidemark.executor.source.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.executor.source.SourceColumn;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NdjsonColumnsTest {
  @TempDir Path temp;
  private Folder folder;

  @BeforeEach
  void open() {
    folder = new Folder(temp);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "1|-5|bigint",
        "9223372036854775807|-9223372036854775808|bigint",
        "1|9223372036854775808|numeric",
        "1|1.5|numeric",
        "-0.0|1e400|numeric",
        "true|false|boolean",
        "true|1|jsonb",
        "1|\"1\"|jsonb",
        "\"1\"|\"2\"|text",
        "\"true\"|null|text",
        "\"2024-02-29\"|null|date",
        "\"2024-02-29\"|\"\"|text",
        "\"2024-02-29T10:00:00\"|\"2024-02-29 10:00\"|timestamp",
        "\"2024-02-29 10:00:00Z\"|null|timestamptz",
        "\"550e8400-e29b-41d4-a716-446655440000\"|null|uuid",
        "\"01/02/2024\"|null|text",
        "{\"a\": 1}|{\"b\": [2]}|jsonb",
        "[]|\"x\"|jsonb",
        "null|null|jsonb",
      })
  void aTypeHoldsAllValuesOfAKey(String one, String other, String type) throws IOException {
    folder.write("a.ndjson", "{\"k\": %s}\n{}\n{\"k\": %s}\n".formatted(one, other));
    assertThat(columns(false, Map.of(), "a.ndjson"))
        .containsExactly(new SourceColumn("k", type, false, true));
  }

  @Test
  void keysOfAllFilesAreColumnsInTheOrderInWhichTheyOccur() throws IOException {
    var names = new ArrayList<String>();
    for (var file = 0; file < 300; file++) {
      names.add("f%03d.ndjson".formatted(file));
      folder.write(names.getLast(), "{\"id\": %d, \"k%d\": %1$d}\n".formatted(file, file / 100));
    }
    assertThat(columns(false, Map.of("k1", "smallint"), names.toArray(String[]::new)))
        .extracting(column -> column.name() + " " + column.type())
        .containsExactly("id bigint", "k0 bigint", "k1 smallint", "k2 bigint");
  }

  @Test
  void aPackedFileIsUnpacked() throws IOException {
    folder.gzip("a.ndjson.gz", "{\"k\": 1}\n");
    assertThat(columns(false, Map.of(), "a.ndjson.gz")).hasSize(1);
  }

  @Test
  void inQuarantineABrokenLineHasNoKeys() throws IOException {
    folder.write("a.ndjson", "{\"k\": 1}\n{\"k\": \"x\", \"other\": \n[1]\n{\"k\": 2}");
    assertThat(columns(true, Map.of(), "a.ndjson"))
        .containsExactly(new SourceColumn("k", "bigint", false, true));
  }

  @Test
  void elseABrokenLineIsNamed() throws IOException {
    folder.write("a.ndjson", "{\"k\": 1}\n\n{\"k\": 2} {}\n");
    Refused.with(
        ErrorCode.ROW_MALFORMED,
        () -> columns(false, Map.of(), "a.ndjson"),
        "a.ndjson, line 3: the line holds more than one object");
  }

  @Test
  void inQuarantineALineThatIsRefusedWhenItIsLoadedHasNoKeysEither() throws IOException {
    folder.write(
        "a.ndjson",
        "{\"k\": 1}\n{\"k\": 1, \"k\": \"x\", \"other\": 1}\n{\"k\": 2, \"half\": \"\\ud800\"}\n");
    assertThat(columns(true, Map.of(), "a.ndjson"))
        .containsExactly(new SourceColumn("k", "bigint", false, true));
  }

  @Test
  void keysThatAreDataAreRefusedBeforeTheyFillTheMemory() throws IOException {
    folder.write(
        "a.ndjson",
        IntStream.rangeClosed(1, 1_601)
            .mapToObj("{\"user-%d\": 1}"::formatted)
            .collect(Collectors.joining("\n")));
    Refused.with(
        ErrorCode.ROW_MALFORMED,
        () -> columns(true, Map.of(), "a.ndjson"),
        "a.ndjson, line 1601: more than 1,600 keys");
  }

  private List<SourceColumn> columns(
      boolean quarantines, Map<String, String> given, String... names) throws IOException {
    var files = new ArrayList<SourceFile>();
    for (var name : names) {
      files.add(SourceFile.of(temp.resolve(name)));
    }
    return new NdjsonColumns(given, quarantines).of(files);
  }
}
