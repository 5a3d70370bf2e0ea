package io.tidemark.meta;

import io.tidemark.common.config.ConfigReader;
import io.tidemark.common.config.Schedule;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.meta.core.Due;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the tables whose schedule wants a refresh now. The clock is the database's. */
final class Schedules {
  /**
   * A failed refresh is tried again an interval after its end, not at once: it keeps its first
   * request's time. Index: refreshes_by_table, refreshes_one_active.
   */
  private static final String SCHEDULED =
      """
      SELECT t.name, t.definition::text AS definition, t.created_at, now() AS now,
             (SELECT CASE r.state WHEN 'FAILED' THEN r.finished_at ELSE r.requested_at END
                FROM tidemark.refreshes r
               WHERE r.table_name = t.name ORDER BY r.id DESC LIMIT 1) AS last_requested
        FROM tidemark.tables t
       WHERE t.definition ? 'schedule'
         AND NOT EXISTS (SELECT 1 FROM tidemark.refreshes r
                          WHERE r.table_name = t.name
                            AND r.state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING'))
      """;

  private final SqlClient home;

  /** By definition: reading one costs. */
  private Map<String, Schedule> known = Map.of();

  Schedules(SqlClient home) {
    this.home = home;
  }

  /** Names of tables. */
  Future<List<String>> due() {
    return home.query(SCHEDULED)
        .execute()
        .map(
            rows -> {
              var next = new HashMap<String, Schedule>();
              var due = new ArrayList<String>();
              for (var row : rows) {
                var definition = row.getString("definition");
                var cached = known.get(definition);
                var schedule = cached == null ? schedule(definition) : cached;
                next.put(definition, schedule);
                if (Due.isDue(
                    schedule,
                    instant(row, "last_requested"),
                    instant(row, "created_at").orElse(Instant.EPOCH),
                    instant(row, "now").orElse(Instant.EPOCH))) {
                  due.add(row.getString("name"));
                }
              }
              known = next;
              return due;
            });
  }

  /** What a newer version wrote and this one cannot read is never due here. */
  private static Schedule schedule(String definition) {
    return ConfigReader.readTable("table", definition, problem -> {})
        .map(TableDefinition::schedule)
        .orElse(new Schedule.OnDemand());
  }

  private static Optional<Instant> instant(Row row, String column) {
    return Optional.ofNullable(row.getOffsetDateTime(column)).map(OffsetDateTime::toInstant);
  }
}
