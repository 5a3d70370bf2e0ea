package io.tidemark.executor.delta;

import io.tidemark.common.home.HomeSchema;
import io.tidemark.common.home.SqlName;
import io.tidemark.executor.plan.KeyRange;
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
  /** Names that are tried for the key's index, so that none is looked for for ever. */
  private static final int MAX_KEY_NAMES = 100;

  private final RefreshPlan plan;
  private final String bareName;
  private final String table;

  public LoadTable(long refreshId, RefreshPlan plan) {
    this.plan = plan;
    this.bareName = "load_" + refreshId;
    this.table = SqlName.quote(HomeSchema.NAME, bareName);
  }

  /** Quoted, schema-qualified. */
  public String name() {
    return table;
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
                            casts(column) ? column.wireType() : column.targetType(),
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
              .filter(this::casts)
              .map(LoadTable::cast)
              .collect(Collectors.joining(", "));
      if (!casts.isEmpty()) {
        statement.execute("ALTER TABLE " + target + " " + casts);
      }
      if (plan.staged().isPresent()) {
        nameKey(home);
      } else {
        // After the rename, so that Postgres itself finds a free name for the index.
        statement.execute(
            "ALTER TABLE " + target + " ADD PRIMARY KEY (" + KeyRange.order(plan) + ")");
      }
      statement.execute("ANALYZE " + target);
    }
  }

  /** Rows that are staged have the target's types already. */
  private boolean casts(PlannedColumn column) {
    return plan.staged().isEmpty() && column.cast();
  }

  private static String cast(PlannedColumn column) {
    var name = SqlName.quote(column.name());
    return "ALTER COLUMN %s TYPE %s USING %s::%s"
        .formatted(name, column.targetType(), name, column.targetType());
  }

  /** Gives rows that are all there their key, before the table becomes the target. */
  public void addKey(Connection home) throws SQLException {
    try (var statement = home.createStatement()) {
      statement.execute(
          "ALTER TABLE %s ADD CONSTRAINT %s PRIMARY KEY (%s)"
              .formatted(table, SqlName.quote(keyName()), KeyRange.order(plan)));
    }
  }

  private String keyName() {
    return bareName + "_pkey";
  }

  /** As Postgres itself would have called it: an index of that name may be there already. */
  private void nameKey(Connection home) throws SQLException {
    try (var statement = home.createStatement();
        var free =
            home.prepareStatement(
                """
                SELECT w.name
                FROM (SELECT n, left(?, 50) || '_pkey' || coalesce(nullif(n, 0)::text, '') AS name
                      FROM generate_series(0, ?) n) w
                WHERE NOT EXISTS (SELECT FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
                                  WHERE s.nspname = ? AND c.relname = w.name)
                ORDER BY w.n
                LIMIT 1
                """)) {
      free.setString(1, plan.targetName());
      free.setInt(2, MAX_KEY_NAMES);
      free.setString(3, plan.targetSchema());
      try (var rows = free.executeQuery()) {
        if (rows.next()) {
          statement.execute(
              "ALTER TABLE %s RENAME CONSTRAINT %s TO %s"
                  .formatted(
                      SqlName.quote(plan.targetSchema(), plan.targetName()),
                      SqlName.quote(keyName()),
                      SqlName.quote(rows.getString(1))));
        }
      }
    }
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
