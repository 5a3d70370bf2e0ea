package io.tidemark.suite;

import static java.util.stream.Collectors.joining;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * A table whose shape, rows and edits follow from a seed: a key of one of the kinds that can be
 * merged in order, values of many types, nulls among them.
 */
final class RandomTable {
  private static final int BATCH = 500;

  private final Random random;
  private final Key key;
  private final int rows;

  RandomTable(long seed, int minRows, int maxRows) {
    random = new Random(seed);
    key = Key.values()[random.nextInt(Key.values().length)];
    rows = minRows + random.nextInt(maxRows - minRows);
  }

  /** The kinds of key. */
  private enum Key {
    BIGINT("k1 bigint"),
    SKEWED_INT("k1 int"),
    UUID("k1 uuid"),
    TEXT("k1 text COLLATE \"C\""),
    BYTEA("k1 bytea"),
    TIMESTAMPTZ("k1 timestamptz"),
    DATE_AND_INT("k1 date", "k2 int"),
    TEXT_AND_UUID("k1 varchar(40) COLLATE \"C\"", "k2 uuid");

    @SuppressWarnings("ImmutableEnumChecker") // a List.of
    private final List<String> columns;

    Key(String... columns) {
      this.columns = List.of(columns);
    }

    private List<String> value(Random random) {
      return switch (this) {
        case BIGINT -> List.of(String.valueOf(random.nextLong() >> random.nextInt(40)));
        case SKEWED_INT -> List.of(String.valueOf((int) Math.pow(random.nextGaussian() * 30, 5)));
        case UUID -> List.of(uuid(random));
        case TEXT -> List.of(text(random, 12));
        case BYTEA -> List.of("\\x" + hex(random, 1 + random.nextInt(10)));
        case TIMESTAMPTZ ->
            List.of(
                1900 + random.nextInt(300) + "-02-11 10:00:00." + random.nextInt(1_000_000) + "Z");
        case DATE_AND_INT ->
            List.of(
                2000 + random.nextInt(20) + "-0" + (1 + random.nextInt(9)) + "-17",
                String.valueOf(random.nextInt()));
        case TEXT_AND_UUID -> List.of(text(random, 3), uuid(random));
      };
    }
  }

  @Override
  public String toString() {
    return key + " key, " + rows + " rows";
  }

  /** Columns of the key, for SQL. */
  String keyColumns() {
    return IntStream.rangeClosed(1, key.columns.size())
        .mapToObj(i -> "k" + i)
        .collect(joining(", "));
  }

  /** Key columns in the notation of the configuration. */
  String keyList() {
    return "[" + keyColumns() + "]";
  }

  void create(Connection source) throws SQLException {
    Databases.execute(
        source,
        "CREATE TABLE public.t (v1 text, "
            + String.join(", ", key.columns)
            + ", v2 numeric, v3 jsonb, v4 float8, v5 int[], v6 boolean, v7 timestamptz, PRIMARY KEY ("
            + keyColumns()
            + "))");
    insert(source, rows);
  }

  /** Some updates, inserts and deletes; sometimes many, sometimes none of a kind. */
  void edit(Connection source) throws SQLException {
    var part = new double[] {0.002, 0.01, 0.1}[random.nextInt(3)];
    var salt = random.nextInt(1_000_000);
    var picked =
        "abs(hashtext(" + textOfKey() + " || '" + salt + "')) % 100000 < " + (int) (100_000 * part);
    if (random.nextInt(6) > 0) {
      Databases.execute(
          source, "UPDATE public.t SET v1 = v1 || 'x', v2 = v2 + 1, v6 = NOT v6 WHERE " + picked);
      Databases.execute(
          source, "UPDATE public.t SET v1 = 'was null' WHERE v1 IS NULL AND " + picked);
    }
    if (random.nextInt(6) > 0) {
      Databases.execute(
          source, "DELETE FROM public.t WHERE " + picked.replace("'" + salt, "'d" + salt));
    }
    if (random.nextInt(6) > 0) {
      insert(source, (int) (rows * part) + 1);
    }
  }

  private String textOfKey() {
    return IntStream.rangeClosed(1, key.columns.size())
        .mapToObj(i -> "k" + i + "::text")
        .collect(joining(" || "));
  }

  private void insert(Connection source, int count) throws SQLException {
    var columns = new ArrayList<String>();
    IntStream.rangeClosed(1, key.columns.size()).forEach(i -> columns.add("k" + i));
    columns.addAll(List.of("v1", "v2", "v3", "v4", "v5", "v6", "v7"));
    var types = new ArrayList<String>();
    key.columns.forEach(
        column -> types.add(column.replaceFirst("^k\\d ", "").replaceFirst(" COLLATE.*", "")));
    types.addAll(List.of("text", "numeric", "jsonb", "float8", "int[]", "boolean", "timestamptz"));
    var sql =
        "INSERT INTO public.t ("
            + String.join(", ", columns)
            + ") VALUES ("
            + types.stream().map(type -> "?::" + type).collect(joining(", "))
            + ") ON CONFLICT DO NOTHING";
    source.setAutoCommit(false);
    try (var insert = source.prepareStatement(sql)) {
      for (var i = 0; i < count; i++) {
        var at = 1;
        for (var value : key.value(random)) {
          insert.setString(at++, value);
        }
        for (var value : values()) {
          insert.setString(at++, value);
        }
        insert.addBatch();
        if (i % BATCH == BATCH - 1) {
          insert.executeBatch();
        }
      }
      insert.executeBatch();
    }
    source.commit();
    source.setAutoCommit(true);
  }

  private List<String> values() {
    var values = new ArrayList<String>();
    values.add(orNull(text(random, 60)));
    values.add(
        orNull(
            random.nextInt(20) == 0 ? "NaN" : random.nextInt(100_000) + "." + random.nextInt(100)));
    values.add(orNull("{\"a\": " + random.nextInt(9) + ", \"b\": [\"" + hex(random, 4) + "\"]}"));
    values.add(orNull(random.nextInt(20) == 0 ? "-0" : String.valueOf(random.nextDouble())));
    values.add(orNull("{1,NULL," + random.nextInt(5) + "}"));
    values.add(orNull(String.valueOf(random.nextBoolean())));
    values.add(
        orNull(
            random.nextInt(30) == 0
                ? "infinity"
                : "2026-01-0" + (1 + random.nextInt(9)) + " 00:00Z"));
    return values;
  }

  private String orNull(String value) {
    return random.nextInt(8) == 0 ? null : value;
  }

  private static String uuid(Random random) {
    return new UUID(random.nextLong(), random.nextLong()).toString();
  }

  private static String hex(Random random, int bytes) {
    var buffer = new byte[bytes];
    random.nextBytes(buffer);
    return HexFormat.of().formatHex(buffer);
  }

  private static String text(Random random, int most) {
    var letters = "abcXYZ019 _-éß日\u00a0'\"\\,{}()";
    return random
        .ints(1 + random.nextInt(most), 0, letters.length())
        .mapToObj(i -> String.valueOf(letters.charAt(i)))
        .collect(joining());
  }
}
