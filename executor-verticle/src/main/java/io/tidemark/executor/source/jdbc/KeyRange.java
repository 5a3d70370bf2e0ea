package io.tidemark.executor.source.jdbc;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A split: rows whose column is in a range. Stored as JSON.
 *
 * @param column its name in the database; empty: all rows
 * @param above exclusive, as text; empty: from the beginning, and rows where it is null
 * @param upTo inclusive, likewise; empty: to the end
 */
record KeyRange(Optional<String> column, Optional<String> above, Optional<String> upTo) {
  static final KeyRange ALL = new KeyRange(Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * Ranges that hold every row once, whatever is inserted later.
   *
   * @param bounds all different, ascending in the database's own order
   */
  static List<KeyRange> between(String column, List<String> bounds) {
    if (bounds.isEmpty()) {
      return List.of(ALL);
    }
    var ranges = new ArrayList<KeyRange>();
    Optional<String> above = Optional.empty();
    for (var bound : bounds) {
      ranges.add(new KeyRange(Optional.of(column), above, Optional.of(bound)));
      above = Optional.of(bound);
    }
    ranges.add(new KeyRange(Optional.of(column), above, Optional.empty()));
    return ranges;
  }

  /** Conditions with a parameter for each bound, in their order. */
  List<String> conditions(String quotedColumn) {
    if (above.isEmpty() && upTo.isPresent()) {
      return List.of("(" + quotedColumn + " <= ? OR " + quotedColumn + " IS NULL)");
    }
    var conditions = new ArrayList<String>();
    above.ifPresent(it -> conditions.add(quotedColumn + " > ?"));
    upTo.ifPresent(it -> conditions.add(quotedColumn + " <= ?"));
    return conditions;
  }

  List<String> bounds() {
    var bounds = new ArrayList<String>();
    above.ifPresent(bounds::add);
    upTo.ifPresent(bounds::add);
    return bounds;
  }

  /** What people call it. */
  String name(String relation) {
    if (column.isEmpty()) {
      return relation;
    }
    return relation
        + ", "
        + above.map(it -> it + " < ").orElse("")
        + column.get()
        + upTo.map(it -> " <= " + it).orElse("");
  }
}
