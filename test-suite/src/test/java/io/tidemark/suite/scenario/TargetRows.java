package io.tidemark.suite.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.refresh.RowCounts;
import io.tidemark.suite.Databases;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The target's rows, read past Tidemark: as text, column by column. */
final class TargetRows {
  private final Connection home;
  private final String table;
  private Version expected = Version.empty(Shape.PLAIN);

  TargetRows(Connection home, String table) {
    this.home = home;
    this.table = table;
  }

  /** How many rows differ. */
  record Changes(long inserted, long updated, long deleted) {
    static Changes of(RowCounts counts) {
      return new Changes(counts.inserted(), counts.updated(), counts.deleted());
    }

    static Changes between(Version before, Version after) {
      var old = before.byKey();
      var now = after.byKey();
      return new Changes(
          now.keySet().stream().filter(key -> !old.containsKey(key)).count(),
          now.entrySet().stream()
              .filter(row -> old.containsKey(row.getKey()))
              .filter(row -> !row.getValue().equals(old.get(row.getKey())))
              .count(),
          old.keySet().stream().filter(key -> !now.containsKey(key)).count());
    }
  }

  /** What it was found to be last. */
  Version expected() {
    return expected;
  }

  void forget() {
    expected = Version.empty(expected.shape());
  }

  /** It has these columns and these rows, and no others. */
  void assertAre(Version version) throws SQLException {
    assertThat(columns()).containsExactlyInAnyOrderElementsOf(version.shape().names());
    assertSame("the target", read(version.shape()), version.byKey());
    expected = version;
  }

  boolean are(Version version) throws SQLException {
    return read(version.shape()).equals(version.byKey());
  }

  private List<String> columns() throws SQLException {
    return Databases.column(
        home,
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '%s'"
            .formatted(table));
  }

  private Map<List<@Nullable String>, List<@Nullable String>> read(Shape shape)
      throws SQLException {
    var columns =
        shape.names().stream().map(name -> name + "::text").collect(Collectors.joining(", "));
    var rows = new HashMap<List<@Nullable String>, List<@Nullable String>>();
    try (var statement = home.createStatement();
        var found = statement.executeQuery("SELECT %s FROM public.%s".formatted(columns, table))) {
      while (found.next()) {
        var row = new ArrayList<@Nullable String>();
        for (var column = 1; column <= shape.columns().size(); column++) {
          row.add(found.getString(column));
        }
        rows.put(shape.keyPositions().stream().map(row::get).toList(), row);
      }
    }
    return rows;
  }

  /** Fails with what is different, in few words. */
  static void assertSame(
      String what,
      Map<List<@Nullable String>, List<@Nullable String>> found,
      Map<List<@Nullable String>, List<@Nullable String>> wanted) {
    if (!found.equals(wanted)) {
      throw new AssertionError(what + difference(found, wanted));
    }
  }

  private static String difference(
      Map<List<@Nullable String>, List<@Nullable String>> found,
      Map<List<@Nullable String>, List<@Nullable String>> wanted) {
    return " has %d rows, of %d; missing: %s; too many: %s; other: %s"
        .formatted(
            found.size(),
            wanted.size(),
            some(wanted.keySet().stream().filter(key -> !found.containsKey(key)).toList()),
            some(found.keySet().stream().filter(key -> !wanted.containsKey(key)).toList()),
            some(
                wanted.entrySet().stream()
                    .filter(row -> found.containsKey(row.getKey()))
                    .filter(row -> !row.getValue().equals(found.get(row.getKey())))
                    .map(row -> row.getValue() + " is " + found.get(row.getKey()))
                    .toList()));
  }

  private static String some(List<?> all) {
    return all.size()
        + " such as "
        + all.stream()
            .limit(3)
            .map(Object::toString)
            .map(it -> it.substring(0, Math.min(200, it.length())))
            .toList();
  }
}
