package io.tidemark.executor.source.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.source.CopyText;
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
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(Window.MAX_RECORD_BYTES)
                  .maxNumberLength(Window.MAX_RECORD_BYTES)
                  .build())
          .build();

  private static final int MORE = -1;
  private static final int MISSING = -1;

  private final String path;
  private final Window window;
  private final Map<String, Integer> numbers;
  private final List<Boolean> asJson;
  private final int[] from;
  private final int[] to;
  private final @Nullable String[] texts;

  private boolean quarantines;
  private @Nullable String refused;
  private int begin;
  private int end;
  private long line;

  /**
   * @param window in UTF-8, where a line begins
   * @param line number of that line, from 1
   * @param names of the version's columns
   * @param asJson which of them go to a column of JSON
   */
  NdjsonRows(String path, Window window, long line, List<String> names, List<Boolean> asJson) {
    this.path = path;
    this.window = window;
    this.line = line - 1;
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
    while (!window.empty() || (!window.ended && window.refill() && !window.empty())) {
      line++;
      int after;
      while ((after = lineEnd()) == MORE) {
        if (!window.refill()) {
          throw malformed(
              new Broken("is longer than %d MB".formatted(Window.MAX_RECORD_BYTES >> 20)));
        }
      }
      begin = window.at;
      end = after;
      window.at = after;
      if (!blank()) {
        try {
          parse();
        } catch (Broken broken) {
          if (!quarantines) {
            throw malformed(broken);
          }
          refused = broken.reason();
        }
        return true;
      }
    }
    return false;
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
      row.escaped(window.bytes, begin, end);
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
    return line;
  }

  @Override
  public long nextLine() {
    return line + 1;
  }

  @Override
  public long offset() {
    return window.offset();
  }

  private int lineEnd() {
    for (var i = window.at; i < window.limit; i++) {
      if (window.bytes[i] == '\n') {
        return i + 1;
      }
    }
    return window.ended ? window.limit : MORE;
  }

  private boolean blank() {
    for (var i = begin; i < end; i++) {
      if (window.bytes[i] > ' ' || window.bytes[i] < 0) {
        return false;
      }
    }
    return true;
  }

  private void parse() throws IOException, Broken {
    Arrays.fill(texts, null);
    Arrays.fill(from, MISSING);
    try (var json = JSON.createParser(window.bytes, begin, end - begin)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new Broken("is not an object");
      }
      for (String name; (name = json.nextFieldName()) != null; ) {
        var token = json.nextToken();
        var number = numbers.get(name);
        if (number == null) {
          json.skipChildren();
        } else if (from[number] != MISSING) {
          throw new Broken("has \"" + name + "\" twice");
        } else {
          value(json, token, name, number);
        }
      }
      if (json.nextToken() != null) {
        throw new Broken("holds more than one object");
      }
    } catch (JsonProcessingException e) {
      throw new Broken("is not JSON: " + e.getOriginalMessage());
    }
  }

  private void value(JsonParser json, JsonToken token, String name, int number)
      throws IOException, Broken {
    from[number] = begin + (int) json.currentTokenLocation().getByteOffset();
    if (token.isStructStart()) {
      json.skipChildren();
    } else if (token == JsonToken.VALUE_STRING) {
      texts[number] = wellFormed(json.getText(), name);
    } else {
      json.getTextLength(); // a number is read to its end only when it is asked for
    }
    to[number] =
        token == JsonToken.VALUE_NULL
            ? MISSING
            : begin + (int) json.currentLocation().getByteOffset();
  }

  /** Half of a surrogate pair is no character: it would become a question mark. */
  private static String wellFormed(String text, String name) throws Broken {
    for (var i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (i + 1 == text.length()
            || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
          throw new Broken("holds half a character in \"" + name + "\"");
        }
        i++;
      }
    }
    return text;
  }

  private TidemarkException malformed(Broken broken) {
    return new TidemarkException(
        ErrorCode.ROW_MALFORMED, "%s, line %d: %s".formatted(path, line, broken.reason()));
  }

  /** The line is not one object. */
  private static final class Broken extends Exception {
    private static final long serialVersionUID = 1;

    Broken(String what) {
      super("the line " + what, null, false, false);
    }

    String reason() {
      return String.valueOf(getMessage());
    }
  }
}
