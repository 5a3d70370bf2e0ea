package io.tidemark.executor.delta;

import io.tidemark.common.home.HomeSchema;
import io.tidemark.common.home.SqlName;
import io.tidemark.executor.plan.PlannedColumn;
import io.tidemark.executor.plan.RefreshPlan;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.stream.Collectors;

/**
 * Table {@code tidemark.load_<refresh>}: the target of a first load while nobody may see it. Its
 * rows are written once; it gets its key when they are complete, and then its name.
 */
public final class LoadTable {
  private final RefreshPlan plan;
  private final String bareName;
  private final String table;

  public LoadTable(long refreshId, RefreshPlan plan) {
    this.plan = plan;
    this.bareName = "load_" + refreshId;
    this.table = SqlName.quote(HomeSchema.NAME, bareName);
  }

  /** Creates it: columns in wire types, in the order that the target will have. */
  public void create(Connection home) throws SQLException {
    var columns =
        plan.columns().stream()
            .sorted(Comparator.comparingInt(PlannedColumn::ordinal))
            .map(
                column ->
                    "%s %s%s"
                        .formatted(
                            SqlName.quote(column.name()),
                            column.cast() ? column.wireType() : column.targetType(),
                            column.notNull() ? " NOT NULL" : ""))
            .collect(Collectors.joining(", "));
    try (var statement = home.createStatement()) {
      statement.execute("CREATE TABLE " + table + " (" + columns + ")");
    }
  }

  public void drop(Connection home) throws SQLException {
    try (var statement = home.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS " + table);
    }
  }

  /** Removes all rows, for VNodes that start again. */
  public void clear(Connection home) throws SQLException {
    try (var statement = home.createStatement()) {
      statement.execute("TRUNCATE " + table);
    }
  }

  /** Appends the rows of a chunk as they came, in the caller's transaction. */
  public void append(Connection home, Chunk chunk) throws SQLException {
    var columns =
        plan.columns().stream()
            .map(column -> SqlName.quote(column.name()))
            .collect(Collectors.joining(", "));
    try (var copy =
        BinaryCopy.open(
            home, "COPY %s (%s) FROM STDIN (FORMAT binary)".formatted(table, columns))) {
      for (var entry : chunk.entries()) {
        copy.put(entry.row(), 0, entry.row().length);
      }
      copy.finish();
    }
  }

  /** Gives it the target's name, its types and its key, in the caller's transaction. */
  public void becomeTarget(Connection home) throws SQLException {
    var target = SqlName.quote(plan.targetSchema(), plan.targetName());
    try (var statement = home.createStatement()) {
      if (!schemaExists(home)) {
        statement.execute("CREATE SCHEMA " + SqlName.quote(plan.targetSchema()));
      }
      statement.execute(
          "ALTER TABLE " + table + " SET SCHEMA " + SqlName.quote(plan.targetSchema()));
      statement.execute(
          "ALTER TABLE %s RENAME TO %s"
              .formatted(
                  SqlName.quote(plan.targetSchema(), bareName), SqlName.quote(plan.targetName())));
      var casts =
          plan.columns().stream()
              .filter(PlannedColumn::cast)
              .map(LoadTable::cast)
              .collect(Collectors.joining(", "));
      if (!casts.isEmpty()) {
        statement.execute("ALTER TABLE " + target + " " + casts);
      }
      var key =
          plan.keyColumns().stream()
              .map(column -> SqlName.quote(column.name()))
              .collect(Collectors.joining(", "));
      // After the rename, so that Postgres itself finds a free name for the index.
      statement.execute("ALTER TABLE " + target + " ADD PRIMARY KEY (" + key + ")");
      statement.execute("ANALYZE " + target);
    }
  }

  private static String cast(PlannedColumn column) {
    var name = SqlName.quote(column.name());
    return "ALTER COLUMN %s TYPE %s USING %s::%s"
        .formatted(name, column.targetType(), name, column.targetType());
  }

  private boolean schemaExists(Connection home) throws SQLException {
    try (var query = home.prepareStatement("SELECT 1 FROM pg_namespace WHERE nspname = ?")) {
      query.setString(1, plan.targetSchema());
      try (var rows = query.executeQuery()) {
        return rows.next();
      }
    }
  }
}
