package io.tidemark.meta;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Reads which executors may claim nothing, because a leader lost them. */
final class LostExecutors {
  /** The whole table: it holds those of a day, and most days none. */
  private static final String READ = "SELECT executor FROM tidemark.lost_executors";

  private final SqlClient home;

  LostExecutors(SqlClient home) {
    this.home = home;
  }

  Future<Set<String>> read() {
    return home.preparedQuery(READ)
        .execute()
        .map(
            rows ->
                StreamSupport.stream(rows.spliterator(), false)
                    .map(row -> row.getString("executor"))
                    .collect(Collectors.toSet()));
  }
}
