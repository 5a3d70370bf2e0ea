package io.tidemark.common.home;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A table's name as Postgres knows it: quotes taken off, folded to lower case where it had none.
 *
 * @param schema empty where it was not named
 */
public record RelationName(Optional<String> schema, String name) {
  /** Longest identifier of Postgres; a longer one is cut off without an error. */
  public static final int MAX_IDENTIFIER_BYTES = 63;

  private static final String IDENTIFIER = "\"(?:[^\"\\x00]|\"\")+\"|[\\p{L}_][\\p{L}\\p{N}_$]*";
  private static final Pattern PART = Pattern.compile("\\G(" + IDENTIFIER + ")(\\.|$)");
  private static final Pattern PLAIN = Pattern.compile("[a-z_][a-z0-9_]*");

  /** Reads {@code [schema.]name} as SQL would; empty where SQL would not. */
  public static Optional<RelationName> parse(String text) {
    var parts = new ArrayList<String>();
    var matcher = PART.matcher(text);
    int end = 0;
    while (parts.size() < 2 && matcher.find()) {
      parts.add(identifier(matcher.group(1)));
      end = matcher.end();
    }
    if (parts.isEmpty() || end < text.length() || text.endsWith(".")) {
      return Optional.empty();
    }
    return Optional.of(
        parts.size() == 1
            ? new RelationName(Optional.empty(), parts.getFirst())
            : new RelationName(Optional.of(parts.getFirst()), parts.getLast()));
  }

  /** The same where it named a schema, else in that one. */
  public RelationName inSchema(String other) {
    return new RelationName(schema.or(() -> Optional.of(other)), name);
  }

  /** Whether Postgres would cut a part of it off. */
  public boolean tooLong() {
    return List.of(schema.orElse(""), name).stream()
        .anyMatch(part -> part.getBytes(StandardCharsets.UTF_8).length > MAX_IDENTIFIER_BYTES);
  }

  /** As SQL would write it: quoted where it needs quotes. Reserved words are not known here. */
  @Override
  public String toString() {
    return schema.map(text -> written(text) + ".").orElse("") + written(name);
  }

  private static String identifier(String written) {
    return written.startsWith("\"")
        ? written.substring(1, written.length() - 1).replace("\"\"", "\"")
        : foldAscii(written);
  }

  /** Postgres folds no other letters where the encoding has more than one byte a character. */
  private static String foldAscii(String written) {
    return written
        .chars()
        .map(c -> c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static String written(String identifier) {
    return PLAIN.matcher(identifier).matches() ? identifier : SqlName.quote(identifier);
  }
}
