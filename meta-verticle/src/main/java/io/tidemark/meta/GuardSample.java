package io.tidemark.meta;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.common.bus.Json;
import io.tidemark.common.home.SqlName;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Some of the keys that a refresh would delete, for whoever has to decide. */
final class GuardSample {
  private static final int MAX_KEYS = 10;

  private static final String KEY_COLUMNS =
      """
      SELECT first_load,
             ARRAY(SELECT plan->'columns'->(i::int)->>'name'
                     FROM generate_series(0, jsonb_array_length(plan->'keyTypes') - 1) AS i
                    ORDER BY i) AS names
        FROM tidemark.refreshes
       WHERE id = $1::bigint
      """;

  private final SqlClient home;

  GuardSample(SqlClient home) {
    this.home = home;
  }

  /** Each key a JSON object by key column; none for a first load, which deletes nothing. */
  Future<List<JsonNode>> of(long refreshId) {
    return home.preparedQuery(KEY_COLUMNS)
        .execute(Tuple.of(refreshId))
        .compose(
            rows -> {
              if (rows.size() == 0 || rows.iterator().next().getBoolean("first_load")) {
                return Future.succeededFuture(List.of());
              }
              return keys(refreshId, rows.iterator().next().getArrayOfStrings("names"));
            });
  }

  private Future<List<JsonNode>> keys(long refreshId, String[] names) {
    var fields = new ArrayList<String>();
    for (var i = 0; i < names.length; i++) {
      fields.add(SqlName.literal(names[i]) + ", (d.row).c" + (i + 1));
    }
    return home.query(
            """
            SELECT jsonb_build_object(%s)::text AS key
              FROM %s d
             WHERE op = 'D'
             LIMIT %d
            """
                .formatted(
                    String.join(", ", fields),
                    SqlName.quote("tidemark", "delta_" + refreshId),
                    MAX_KEYS))
        .execute()
        .map(
            rows -> {
              var sample = new ArrayList<JsonNode>();
              rows.forEach(row -> sample.add(parse(row.getString("key"))));
              return sample;
            });
  }

  private static JsonNode parse(String json) {
    try {
      return Json.MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
