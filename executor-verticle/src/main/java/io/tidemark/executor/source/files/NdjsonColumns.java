package io.tidemark.executor.source.files;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.source.SourceColumn;
import io.tidemark.executor.source.files.NdjsonLines.Broken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The columns of NDJSON files: all keys that occur in any object of any file, so that the files are
 * read once before, to find them.
 */
final class NdjsonColumns {
  /** As many as a table of Postgres can have. */
  private static final int MOST = 1_600;

  private final Map<String, String> given;
  private final boolean quarantines;
  private final Map<String, Values> found = new LinkedHashMap<>();

  /**
   * @param given SQL types by name, which are not guessed
   * @param quarantines lines that are broken are passed over
   */
  NdjsonColumns(Map<String, String> given, boolean quarantines) {
    this.given = given;
    this.quarantines = quarantines;
  }

  /**
   * Reads the files.
   *
   * @return in the order in which the keys occur
   * @throws TidemarkException ROW_MALFORMED, naming the line, where it is not one object, or where
   *     there are more keys than a table can have columns; SOURCE_FAILED, SOURCE_CHANGED
   */
  List<SourceColumn> of(List<SourceFile> files) {
    for (var file : files) {
      try {
        look(file);
      } catch (TidemarkException e) {
        file.requireUnchanged();
        throw e;
      }
    }
    return found.entrySet().stream()
        .map(
            key -> {
              var type = given.get(key.getKey());
              return new SourceColumn(
                  key.getKey(), type == null ? key.getValue().type() : type, false, true);
            })
        .toList();
  }

  private void look(SourceFile file) {
    var line = 1L;
    try (var bytes = FileBytes.open(file.path(), StandardCharsets.UTF_8, 0, 0)) {
      var window = new Window(bytes, bytes.begins(), file.size());
      var lines = new NdjsonLines(file.path(), window, 1);
      while (lines.next()) {
        line = lines.number() + 1;
        try {
          if (quarantines) {
            lines.check();
          }
          lines.parse(this::see);
          if (found.size() > MOST) {
            throw tooMany(file, lines.number());
          }
        } catch (Broken broken) {
          if (!quarantines) {
            throw lines.malformed(broken);
          }
        }
      }
    } catch (IOException e) {
      throw TextReader.explained(file.path(), line, e);
    }
  }

  private void see(JsonParser json, String name, JsonToken token) throws IOException {
    found.computeIfAbsent(name, key -> new Values()).see(json, token);
    json.skipChildren();
  }

  private static TidemarkException tooMany(SourceFile file, long line) {
    return new TidemarkException(
        ErrorReport.of(
                ErrorCode.ROW_MALFORMED,
                "%s, line %d: more than %,d keys so far, and no table has as many columns"
                    .formatted(file.path(), line, MOST))
            .withHint("Where keys are data, write them as an object under one key of its own."));
  }

  private enum Kind {
    BOOLEAN,
    INTEGER,
    NUMBER,
    TEXT,
    NESTED
  }

  /** What a key's values look like; a null says nothing. */
  private static final class Values {
    private final Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    private final TypeGuess texts = TypeGuess.ofQuoted();

    void see(JsonParser json, JsonToken token) throws IOException {
      switch (token) {
        case VALUE_NULL -> {}
        case VALUE_TRUE, VALUE_FALSE -> kinds.add(Kind.BOOLEAN);
        case VALUE_NUMBER_FLOAT -> kinds.add(Kind.NUMBER);
        case VALUE_NUMBER_INT ->
            kinds.add(
                switch (json.getNumberType()) {
                  case INT, LONG -> Kind.INTEGER;
                  default -> Kind.NUMBER;
                });
        case VALUE_STRING -> {
          kinds.add(Kind.TEXT);
          if (texts.open()) {
            texts.see(json.getText());
          }
        }
        default -> kinds.add(Kind.NESTED);
      }
    }

    /** A number in JSON has any number of digits; what is always null may become anything. */
    String type() {
      if (kinds.equals(Set.of(Kind.BOOLEAN))) {
        return "boolean";
      }
      if (kinds.equals(Set.of(Kind.INTEGER))) {
        return "bigint";
      }
      if (kinds.equals(Set.of(Kind.NUMBER)) || kinds.equals(Set.of(Kind.INTEGER, Kind.NUMBER))) {
        return "numeric";
      }
      return kinds.equals(Set.of(Kind.TEXT)) ? texts.type() : "jsonb";
    }
  }
}
