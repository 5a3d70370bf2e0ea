package io.tidemark.executor.source.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import java.io.IOException;
import java.util.HashSet;

/** The lines of an NDJSON file that are not blank, one after the other: each holds one object. */
final class NdjsonLines {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(Window.MAX_RECORD_BYTES)
                  .maxNumberLength(Window.MAX_RECORD_BYTES)
                  .build())
          .build();

  private static final int MORE = -1;

  private final String path;
  private final Window window;

  private int begin;
  private int end;
  private long number;

  /**
   * @param window in UTF-8, where a line begins
   * @param number of that line, from 1
   */
  NdjsonLines(String path, Window window, long number) {
    this.path = path;
    this.window = window;
    this.number = number - 1;
  }

  /** Sees the values of an object. */
  interface Fields {
    /**
     * Takes a value.
     *
     * @param json at the value's first token; afterwards at its last
     */
    void value(JsonParser json, String name, JsonToken token) throws IOException, Broken;
  }

  /**
   * Goes to the next line that is not blank.
   *
   * @throws TidemarkException ROW_MALFORMED, naming the line, where it is too long
   */
  boolean next() throws IOException {
    while (!window.empty() || (!window.ended && window.refill() && !window.empty())) {
      number++;
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
        return true;
      }
    }
    return false;
  }

  /** Hands over each key's value, in the order of the line. */
  void parse(Fields fields) throws IOException, Broken {
    try (var json = JSON.createParser(window.bytes, begin, end - begin)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new Broken("is not an object");
      }
      for (String name; (name = json.nextFieldName()) != null; ) {
        fields.value(json, name, json.nextToken());
      }
      if (json.nextToken() != null) {
        throw new Broken("holds more than one object");
      }
    } catch (JsonProcessingException e) {
      throw new Broken("is not JSON: " + e.getOriginalMessage());
    }
  }

  /** Makes sure that the line can be a row, whatever keys it has. */
  void check() throws IOException, Broken {
    var names = new HashSet<String>();
    parse(
        (json, name, token) -> {
          if (!names.add(name)) {
            throw twice(name);
          }
          if (token == JsonToken.VALUE_STRING) {
            wellFormed(json.getText(), name);
          }
          json.skipChildren();
        });
  }

  static Broken twice(String name) {
    return new Broken("has \"" + name + "\" twice");
  }

  /** Half of a surrogate pair is no character: it would become a question mark. */
  static String wellFormed(String text, String name) throws Broken {
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

  /** Of this line, in the window. */
  int begin() {
    return begin;
  }

  /** Of this line, in the window: behind its last byte. */
  int end() {
    return end;
  }

  /** Of this line, from 1. */
  long number() {
    return number;
  }

  TidemarkException malformed(Broken broken) {
    return new TidemarkException(
        ErrorCode.ROW_MALFORMED, "%s, line %d: %s".formatted(path, number, broken.reason()));
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

  /** The line is not one object. */
  static final class Broken extends Exception {
    private static final long serialVersionUID = 1;

    Broken(String what) {
      super("the line " + what, null, false, false);
    }

    String reason() {
      return String.valueOf(getMessage());
    }
  }
}
