package io.tidemark.executor.source.jdbc;

import io.tidemark.executor.source.JsonText;
import java.util.List;
import java.util.Optional;

/**
 * Where a split goes on. Stored as JSON.
 *
 * @param after the last row's key, as text by key column: rows are in its order. Empty where there
 *     is no key to order by
 * @param rows how many were read
 * @param hash without a key: SHA-256 of those rows, in hex. The same rows must come again, or the
 *     split cannot go on
 */
record Position(Optional<List<String>> after, long rows, Optional<String> hash) {
  static Position parse(String json) {
    return JsonText.read(json, Position.class);
  }

  String json() {
    return JsonText.of(this);
  }
}
