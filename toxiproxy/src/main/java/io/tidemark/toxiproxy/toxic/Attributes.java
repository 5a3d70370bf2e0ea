package io.tidemark.toxiproxy.toxic;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** Attributes by name, in the order in which they are shown. */
final class Attributes {
  private Attributes() {}

  static SequencedMap<String, Long> none() {
    return new LinkedHashMap<>();
  }

  static SequencedMap<String, Long> of(String name, long value) {
    return and(none(), name, value);
  }

  static SequencedMap<String, Long> and(
      SequencedMap<String, Long> others, String name, long value) {
    others.put(name, value);
    return others;
  }
}
