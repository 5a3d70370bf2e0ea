package io.tidemark.executor.source.jdbc;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A table's name as a user wrote it, in parts.
 *
 * @param parts one to three, outermost first
 */
record TableName(List<Part> parts) {
  private static final int MAX_PARTS = 3;

  /** Quotes that databases put around a name. */
  private static final String OPENING = "\"`[";

  private static final String CLOSING = "\"`]";

  TableName {
    parts = List.copyOf(parts);
  }

  /**
   * A part.
   *
   * @param quoted whether its case counts
   */
  record Part(String text, boolean quoted) {
    /** What the database may have made of it, the likeliest first. */
    List<String> forms() {
      return quoted
          ? List.of(text)
          : List.of(text, text.toUpperCase(Locale.ROOT), text.toLowerCase(Locale.ROOT)).stream()
              .distinct()
              .toList();
    }
  }

  Part table() {
    return parts.getLast();
  }

  /** Schema; of MySQL's family: database. */
  Optional<Part> schema() {
    return parts.size() > 1 ? Optional.of(parts.get(parts.size() - 2)) : Optional.empty();
  }

  Optional<Part> catalog() {
    return parts.size() == MAX_PARTS ? Optional.of(parts.getFirst()) : Optional.empty();
  }

  /** Empty where it is no name. */
  static Optional<TableName> parse(String written) {
    var parts = new ArrayList<Part>();
    var at = 0;
    while (at <= written.length()) {
      var quote = at < written.length() ? OPENING.indexOf(written.charAt(at)) : -1;
      int end;
      if (quote >= 0) {
        var close = written.indexOf(CLOSING.charAt(quote), at + 1);
        if (close < 0) {
          return Optional.empty();
        }
        parts.add(new Part(written.substring(at + 1, close), true));
        end = close + 1;
      } else {
        var dot = written.indexOf('.', at);
        end = dot < 0 ? written.length() : dot;
        parts.add(new Part(written.substring(at, end), false));
      }
      if (end < written.length() && written.charAt(end) != '.') {
        return Optional.empty();
      }
      at = end + 1;
    }
    var named = parts.stream().noneMatch(part -> part.text().isBlank());
    return named && parts.size() <= MAX_PARTS
        ? Optional.of(new TableName(parts))
        : Optional.empty();
  }
}
