package io.tidemark.executor.source.files;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.source.CopyText;
import io.tidemark.executor.source.files.NdjsonLines.Broken;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The objects of an NDJSON file, one a line. Numbers, and all that goes to a column of JSON, are
 * copied as they are written; a text goes without its quotes. A key that is missing is null.
 */
final class NdjsonRows implements TextRows {
  private static final int MISSING = -1;

  private final Window window;
  private final NdjsonLines lines;
  private final Map<String, Integer> numbers;
  private final List<Boolean> asJson;
  private final int[] from;
  private final int[] to;
  private final @Nullable String[] texts;

  private boolean quarantines;
  private @Nullable String refused;

  /**
   * @param window in UTF-8, where a line begins
   * @param line number of that line, from 1
   * @param names of the version's columns
   * @param asJson which of them go to a column of JSON
   */
  NdjsonRows(String path, Window window, long line, List<String> names, List<Boolean> asJson) {
    this.window = window;
    this.lines = new NdjsonLines(path, window, line);
    this.numbers =
        IntStream.range(0, names.size())
            .boxed()
            .collect(Collectors.toUnmodifiableMap(names::get, number -> number));
    this.asJson = List.copyOf(asJson);
    this.from = new int[names.size()];
    this.to = new int[names.size()];
    this.texts = new String[names.size()];
  }

  /**
   * Goes to the next line that is not blank.
   *
   * @throws TidemarkException ROW_MALFORMED, naming the line, where it is not one object
   */
  @Override
  public boolean next() throws IOException {
    refused = null;
    if (!lines.next()) {
      return false;
    }
    try {
      Arrays.fill(texts, null);
      Arrays.fill(from, MISSING);
      lines.parse(this::value);
    } catch (Broken broken) {
      if (!quarantines) {
        throw lines.malformed(broken);
      }
      refused = broken.reason();
    }
    return true;
  }

  @Override
  public void quarantine() {
    quarantines = true;
  }

  @Override
  public @Nullable String refused() {
    return refused;
  }

  @Override
  public void append(int[] wanted, CopyText row) {
    if (refused != null) {
      row.escaped(window.bytes, lines.begin(), lines.end());
      return;
    }
    for (var column : wanted) {
      var start = from[column];
      var text = texts[column];
      if (start == MISSING || to[column] == MISSING) {
        row.value(null);
      } else if (text != null && !asJson.get(column)) {
        row.value(text);
      } else {
        row.begin(to[column] - start);
        for (var i = start; i < to[column]; i++) {
          row.escape(window.bytes[i]);
        }
      }
    }
    row.endRow();
  }

  @Override
  public long line() {
    return lines.number();
  }

  @Override
  public long nextLine() {
    return lines.number() + 1;
  }

  @Override
  public long offset() {
    return window.offset();
  }

  private void value(JsonParser json, String name, JsonToken token) throws IOException, Broken {
    var number = numbers.get(name);
    if (number == null) {
      json.skipChildren();
      return;
    }
    if (from[number] != MISSING) {
      throw NdjsonLines.twice(name);
    }
    from[number] = lines.begin() + (int) json.currentTokenLocation().getByteOffset();
    if (token.isStructStart()) {
      json.skipChildren();
    } else if (token == JsonToken.VALUE_STRING) {
      texts[number] = NdjsonLines.wellFormed(json.getText(), name);
    } else {
      json.getTextLength(); // a number is read to its end only when it is asked for
    }
    to[number] =
        token == JsonToken.VALUE_NULL
            ? MISSING
            : lines.begin() + (int) json.currentLocation().getByteOffset();
  }
}
