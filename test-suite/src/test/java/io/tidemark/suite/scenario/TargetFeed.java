package io.tidemark.suite.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.common.bus.Json;
import io.tidemark.suite.TidemarkServer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A table's change feed, as one reads it who has its rows and follows it. */
final class TargetFeed {
  private final TidemarkServer server;
  private final String table;
  private long after;

  TargetFeed(TidemarkServer server, String table) {
    this.server = server;
    this.table = table;
  }

  /** Where a copy of the target that is made now goes on. */
  void skip() throws Exception {
    next();
  }

  /** The table was defined anew. */
  void restart() throws Exception {
    after = 0;
    next();
  }

  /** What was not read yet, page by page. */
  List<JsonNode> next() throws Exception {
    var changes = new ArrayList<JsonNode>();
    for (var page = page(); !page.isEmpty(); page = page()) {
      changes.addAll(page);
    }
    return changes;
  }

  private List<JsonNode> page() throws Exception {
    var answer =
        server.send("GET", "/tables/" + table + "/changes" + (after == 0 ? "" : "?after=" + after));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    var changes = new ArrayList<JsonNode>();
    for (var line : answer.body().lines().toList()) {
      var change = Json.MAPPER.readTree(line);
      assertThat(change.get("seq").asLong()).isGreaterThan(after);
      after = change.get("seq").asLong();
      changes.add(change);
    }
    return changes;
  }

  /** The rows after all that is new; fails where a change does not fit the rows before it. */
  Map<List<@Nullable String>, List<@Nullable String>> replay(
      Map<List<@Nullable String>, List<@Nullable String>> before, Shape shape) throws Exception {
    var rows = new HashMap<>(before);
    // Of a column that was added, rows before have nothing.
    rows.replaceAll((key, row) -> widened(row, shape.columns().size()));
    for (var change : next()) {
      var key = values(change.get("key"), shape.key());
      var had = rows.containsKey(key);
      assertThat(had).as("%s fits", change.get("op")).isNotEqualTo(op(change).equals("INSERT"));
      if (op(change).equals("DELETE")) {
        rows.remove(key);
      } else {
        rows.put(key, values(change.get("row"), shape.names()));
      }
    }
    return rows;
  }

  private static String op(JsonNode change) {
    return change.get("op").asText();
  }

  private static List<@Nullable String> widened(List<@Nullable String> row, int width) {
    var wide = new ArrayList<>(row);
    while (wide.size() < width) {
      wide.add(null);
    }
    return wide;
  }

  private static List<@Nullable String> values(JsonNode object, List<String> names) {
    var values = new ArrayList<@Nullable String>();
    for (var name : names) {
      var value = object.get(name);
      values.add(value.isNull() ? null : value.asText());
    }
    return values;
  }
}
