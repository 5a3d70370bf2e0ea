package io.tidemark.suite;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The tables that a soak refreshes. Their keys are made of numbers, so that writers can draw them.
 */
enum ChaosTable {
  ORDERS(Key.BIGINT, "visibility: atomic"),
  EVENTS(Key.TEXT, "visibility: progressive"),
  STOCK(Key.BIGINT, "consistency: strict"),
  /** Its target is dropped now and then, and made anew by a first load. */
  PARTS(Key.TEXT, "visibility: atomic");

  static final int ROWS = 2_000;
  static final int VNODES = 32;
  private static final int ROWS_PER_SECOND = 500;

  private final Key key;
  private final String policy;

  ChaosTable(Key key, String policy) {
    this.key = key;
    this.policy = policy;
  }

  private enum Key {
    BIGINT("bigint", "i::bigint", Comparator.comparingLong(Long::parseLong)),
    TEXT("text COLLATE \"C\"", "'k' || lpad(i::text, 6, '0')", Comparator.naturalOrder());

    private final String type;
    private final String ofNumber;

    @SuppressWarnings("ImmutableEnumChecker") // has no state
    private final Comparator<String> order;

    Key(String type, String ofNumber, Comparator<String> order) {
      this.type = type;
      this.ofNumber = ofNumber;
      this.order = order;
    }
  }

  /** As the configuration and {@code tidemark.refreshes} name it. */
  String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** In source and home. */
  String relation() {
    return "public." + id();
  }

  boolean isProgressive() {
    return this == EVENTS;
  }

  boolean isStrict() {
    return this == STOCK;
  }

  boolean isLoadedAnew() {
    return this == PARTS;
  }

  /** Whether its writer deletes so much now and then that the guard asks. */
  boolean losesMany() {
    return this == ORDERS;
  }

  String yaml() {
    return """
        - name: %s
          source: {type: postgres, url: "${env:SOURCE}", table: %s}
          target: %s
          vnodes: %d
          throttle: {rows-per-second: %d}
          %s
      """
        .formatted(id(), relation(), relation(), VNODES, ROWS_PER_SECOND, policy);
  }

  String create() {
    return "CREATE TABLE %s (k %s PRIMARY KEY, v1 text, v2 numeric, v3 jsonb, v4 float8, v5 int[], v6 boolean, v7 timestamptz)"
        .formatted(relation(), key.type);
  }

  /** Rows of these numbers; of those that are there already nothing comes of it. */
  String insert(String numbers) {
    return """
        INSERT INTO %s
        SELECT %s, repeat(md5(i::text), 1 + i %% 5), i / 7.0, jsonb_build_object('n', i, 'a', ARRAY[i]),
               sqrt(i), ARRAY[i, NULL], i %% 3 = 0, '2026-01-01Z'::timestamptz + i * interval '1 s'
          FROM %s AS i
            ON CONFLICT DO NOTHING
        """
        .formatted(relation(), key.ofNumber, numbers);
  }

  /** Condition for the rows of these numbers. Index: the primary key. */
  String among(String numbers) {
    return "k IN (SELECT %s FROM %s AS i)".formatted(key.ofNumber, numbers);
  }

  /** How two keys, as text, stand in the table's order. */
  Comparator<String> order() {
    return key.order;
  }

  /** Whether a key, as {@link TableImage} has it, lies in {@code (lower, upper]}. */
  boolean isWithin(String imageKey, Optional<String> lower, Optional<String> upper) {
    var value = imageKey.substring(1, imageKey.length() - 1);
    return lower.map(bound -> key.order.compare(value, bound) > 0).orElse(true)
        && upper.map(bound -> key.order.compare(value, bound) <= 0).orElse(true);
  }

  static List<ChaosTable> all() {
    return List.of(values());
  }
}
