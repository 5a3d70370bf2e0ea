package io.tidemark.suite;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.common.bus.Json;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The change feed's page of one refresh, replayed as whoever follows the feed would. */
final class Feed {
  private Feed() {}

  /** One difference. */
  record Change(String op, String key, String row) {}

  /** In the order of the feed. */
  static List<Change> of(Connection home, long refresh, String keyColumns) throws Exception {
    var plan =
        Databases.column(home, "SELECT plan::text FROM tidemark.refreshes WHERE id = " + refresh);
    var positions = positions(Json.MAPPER.readTree(plan.getFirst()));
    var key = attributes(positions, keyColumns);
    var row = attributes(positions, "v1, v2, v3, v4, v5, v6, v7");
    var changes = new ArrayList<Change>();
    try (var statement = home.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT op, ROW(%s)::text, ROW(%s)::text FROM tidemark.delta_%d d ORDER BY seq"
                    .formatted(key, row, refresh))) {
      while (rows.next()) {
        changes.add(new Change(rows.getString(1), rows.getString(2), rows.getString(3)));
      }
    }
    return changes;
  }

  /** The rows after it; throws where a change does not fit the rows before it. */
  static Map<String, String> replay(Map<String, String> before, List<Change> changes) {
    var rows = new HashMap<>(before);
    for (var change : changes) {
      var old =
          change.op().equals("D")
              ? rows.remove(change.key())
              : rows.put(change.key(), change.row());
      if ((old == null) != change.op().equals("I")) {
        throw new AssertionError(change + " does not fit: there was " + old);
      }
    }
    return rows;
  }

  private static Map<String, Integer> positions(JsonNode plan) {
    var positions = new HashMap<String, Integer>();
    plan.get("columns")
        .forEach(column -> positions.put(column.get("name").asText(), positions.size() + 1));
    return positions;
  }

  private static String attributes(Map<String, Integer> positions, String columns) {
    return List.of(columns.split(", ", -1)).stream()
        .map(column -> "(d.row).c" + positions.get(column))
        .collect(joining(", "));
  }
}
