package io.tidemark.suite.scenario;

import io.tidemark.suite.Databases;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Keys of all kinds, and much of everything. */
final class KeysAndSizes {
  private static final int ROWS = 1_500;
  private static final int MANY_ROWS = 200_000;

  /** Fewer than there are in as many rows, on each connector. */
  private static final int BATCHES = 1;

  private static final int MEGABYTE = 1 << 20;
  private static final int LONG_ROWS = 16;
  private static final int COLUMNS = 1_000;
  private static final int FILES = 10_000;

  /** Sorted otherwise by each collation. */
  private static final List<String> WORDS =
      List.of("a", "B", "ä", "Z", "z", "é", "_", "ß", "Ω", "aa", "-x", "ab c", "\u1F600");

  private KeysAndSizes() {}

  static List<Scenario> all() {
    return List.of(
        keyed("skewed keys", ValueType.INTEGER, KeysAndSizes::skewed),
        collated("text keys, C", "C"),
        collated("text keys, ICU", "en-US-x-icu"),
        keyed(
            "uuid keys",
            ValueType.UUID,
            id -> UUID.nameUUIDFromBytes(new byte[] {(byte) id, (byte) (id >> 8)}).toString()),
        Scenario.changing("composite key", number -> composite(List.of("a", "b"), number)),
        Scenario.changing(
            "composite key in another order than the columns",
            number -> composite(List.of("b", "a"), number)),
        Scenario.changing("null and empty text", KeysAndSizes::nulls),
        Scenario.of(
            "200,000 rows in 4 files",
            scene -> scene.killedAfter(BATCHES).begin(many(0)),
            (scene, strike, number) -> scene.change(many(number), strike)),
        Scenario.changing("rows of 1 MB", KeysAndSizes::megabytes),
        Scenario.changing("1,000 columns", KeysAndSizes::wide),
        Scenario.changing("10,000 small files", KeysAndSizes::smallFiles)
            .fitting(kind -> kind.isFiles() || kind == SourceKind.ICEBERG));
  }

  private static Version many(int number) {
    return Version.numbered(
        Shape.PLAIN,
        number * 50,
        MANY_ROWS + number * 70,
        id -> Version.row("" + id, "v" + (id % 100 == 0 ? number : 0) + "-" + id));
  }

  private static Scenario keyed(String name, ValueType type, IntFunction<String> key) {
    return Scenario.changing(name, number -> changed(Shape.keyed(type), number, key));
  }

  private static Version changed(Shape shape, int number, IntFunction<String> key) {
    return Version.numbered(
        shape,
        number * 20,
        ROWS + number * 30,
        id -> Version.row(key.apply(id), "v" + (id % 7 == 0 ? number : 0) + "-" + id));
  }

  /** Most in a small range, the others far away and far from each other. */
  private static String skewed(int id) {
    return "" + (id % 10 == 0 ? 1_000_000_000 + id * 100_000 : id % 10 == 1 ? -id * 1_000_000 : id);
  }

  private static Scenario collated(String name, String collation) {
    return Scenario.of(
        name,
        scene -> {
          Databases.execute(
              scene.nodes.databases.home,
              "CREATE TABLE public.%s (k text COLLATE \"%s\" PRIMARY KEY, v text)"
                  .formatted(scene.table, collation));
          scene.begin(changed(Shape.keyed(ValueType.TEXT), 0, KeysAndSizes::word));
        },
        (scene, strike, number) ->
            scene.change(changed(Shape.keyed(ValueType.TEXT), number, KeysAndSizes::word), strike));
  }

  private static String word(int id) {
    return WORDS.get(id % WORDS.size()) + (id % 4 == 0 ? " " : "") + id;
  }

  private static Version composite(List<String> key, int number) {
    var shape =
        new Shape(
            List.of(
                new Shape.Column("a", ValueType.TEXT),
                new Shape.Column("v", ValueType.TEXT),
                new Shape.Column("b", ValueType.INTEGER)),
            key,
            true);
    return Version.numbered(
        shape,
        number * 20,
        ROWS + number * 30,
        id ->
            Version.row(
                "k" + id % 13, "v" + (id % 7 == 0 ? number : 0) + "-" + id, "" + (id / 13)));
  }

  /** A third null, a third empty, the others blank; and who is what changes. */
  private static Version nulls(int number) {
    return Version.numbered(
        Shape.PLAIN.with("note", ValueType.TEXT).with("amount", ValueType.INTEGER),
        0,
        300,
        id -> {
          var turn = id % 10 == 0 ? number : 0;
          return Version.row(
              "" + id, text(id + turn), text(id + turn + 1), (id + turn) % 2 == 0 ? null : "" + id);
        });
  }

  private static @Nullable String text(int number) {
    return switch (number % 4) {
      case 0 -> null;
      case 1 -> "";
      case 2 -> " ";
      default -> "null";
    };
  }

  /** Two rows each; few files are other in the next version. */
  private static Version smallFiles(int number) {
    return Version.of(
        Shape.PLAIN,
        IntStream.range(0, FILES * 2)
            .map(row -> row < number ? FILES * 2 + row : row)
            .mapToObj(id -> Version.row("" + id, "v" + (id % 500 == 0 ? number : 0) + "-" + id))
            .toList(),
        FILES);
  }

  private static Version megabytes(int number) {
    return Version.numbered(
        Shape.PLAIN,
        number,
        LONG_ROWS + number,
        id -> Version.row("" + id, letters(id % 4 == 0 ? number : 0, id)));
  }

  /** Of which nothing is saved by packing them. */
  private static String letters(int number, int id) {
    var random = RandomGeneratorFactory.of("L64X128MixRandom").create(id * 100L + number);
    var text = new StringBuilder(MEGABYTE);
    while (text.length() < MEGABYTE) {
      text.append(Long.toHexString(random.nextLong()));
    }
    return text.toString();
  }

  private static Version wide(int number) {
    var columns = new ArrayList<Shape.Column>();
    columns.add(new Shape.Column("id", ValueType.INTEGER));
    IntStream.range(1, COLUMNS)
        .forEach(
            it ->
                columns.add(
                    new Shape.Column(
                        "column_with_a_long_name_number_" + it,
                        it % 3 == 0 ? ValueType.INTEGER : ValueType.TEXT)));
    return Version.numbered(
        new Shape(columns, List.of("id"), true),
        number,
        60 + number,
        id -> wideRow(id, id % 5 == 0 ? number : 0));
  }

  private static List<@Nullable String> wideRow(int id, int number) {
    var row = new ArrayList<@Nullable String>();
    row.add("" + id);
    for (var column = 1; column < COLUMNS; column++) {
      row.add(
          column % 17 == 0
              ? null
              : column % 3 == 0 ? "" + (id * column) : "v" + (column == 998 ? number : id));
    }
    return row;
  }
}
