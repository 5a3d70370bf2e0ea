package io.tidemark.executor.source.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.source.CopyText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NdjsonRowsTest {
  @Test
  void numbersStayAsTheyAreWrittenAndTextsLoseTheirQuotes() throws IOException {
    assertThat(
            rows(
                """
                {"a": 12345678901234567.8900, "b": "x\\ty\\u00e9", "j": "x"}

                {"b": true, "a": -1e2 , "j": {"k": [1, 2.50], "l": "a\\nb"}, "other": [{}]}
                """))
        .containsExactly(
            "12345678901234567.8900\tx\\ty\u00e9\t\"x\"",
            "-1e2\ttrue\t{\"k\": [1, 2.50], \"l\": \"a\\\\nb\"}");
  }

  @Test
  void nullsMissingKeysAndEmptyTextsAreToldApart() throws IOException {
    assertThat(rows("{\"a\":null,\"b\":\"\"}\r\n{}\n{\"j\":\"\"}"))
        .containsExactly("\\N\t\t\\N", "\\N\t\\N\t\\N", "\\N\t\\N\t\"\"");
  }

  @Test
  void nestedValuesGoAsTheyAreWrittenToAColumnOfText() throws IOException {
    assertThat(rows("{\"b\": [1.10, {\"x\":\"é\"}] }"))
        .containsExactly("\\N\t[1.10, {\"x\":\"é\"}]\t\\N");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "[1]|is not an object",
        "{\"a\":1} {}|holds more than one object",
        "{\"a\":1,\"a\":2}|has \"a\" twice",
        "{\"b\":\"\\ud800\"}|holds half a character in \"b\"",
        "{\"a\":1|is not JSON",
        "{\"a\":NaN}|is not JSON",
      })
  void aLineThatIsNotOneObjectIsNamed(String line, String message) {
    assertThatThrownBy(() -> rows("{\"a\":1}\n\n" + line + "\n"))
        .isInstanceOf(TidemarkException.class)
        .hasMessageStartingWith("f.ndjson, line 3: the line " + message);
  }

  @Test
  void inQuarantineABrokenLineIsARecordOfItsOwn() throws IOException {
    // Given
    var rows = open("{\"a\": 1}\n{\"a\": \t2\n\n[3]\n{\"a\": 4}\n{\"a");
    rows.quarantine();
    // When
    var found = all(rows);
    // Then
    assertThat(found)
        .containsExactly(
            "1 1\t\\N\t\\N",
            "2 refused {\"a\": \\t2",
            "4 refused [3]",
            "5 4\t\\N\t\\N",
            "6 refused {\"a");
  }

  private static List<String> all(NdjsonRows rows) throws IOException {
    var all = new ArrayList<String>();
    for (var copy = new CopyText(); rows.next(); copy.clear()) {
      rows.append(new int[] {0, 1, 2}, copy);
      all.add(
          rows.line()
              + (rows.refused() == null ? " " : " refused ")
              + new String(copy.rows().array(), 0, copy.length() - 1, StandardCharsets.UTF_8));
    }
    return all;
  }

  private static NdjsonRows open(String text) {
    var window = new Window(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), 0, 0);
    return new NdjsonRows(
        "f.ndjson", window, 1, List.of("a", "b", "j"), List.of(false, false, true));
  }

  private static List<String> rows(String text) throws IOException {
    var rows = open(text);
    var all = new ArrayList<String>();
    for (var copy = new CopyText(); rows.next(); copy.clear()) {
      rows.append(new int[] {0, 1, 2}, copy);
      all.add(new String(copy.rows().array(), 0, copy.length() - 1, StandardCharsets.UTF_8));
    }
    return all;
  }
}
