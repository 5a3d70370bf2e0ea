package io.tidemark.executor.delta;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.SqlName;
import io.tidemark.executor.plan.RefreshPlan;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Brings differences into the target, inside the caller's transaction. Each statement joins the
 * delta to the target by the target's unique key; each count must come out as the delta says, or
 * something else has written to the target and nothing is applied.
 */
public final class DeltaApply {
  private final RefreshPlan plan;
  private final DeltaTable delta;
  private final String target;

  public DeltaApply(long refreshId, RefreshPlan plan) {
    this.plan = plan;
    this.delta = new DeltaTable(refreshId, plan);
    this.target = SqlName.quote(plan.targetSchema(), plan.targetName());
  }

  /** All of the delta, for atomic visibility. */
  public void applyAll(Connection home) throws SQLException {
    analyze(home);
    deletes(home);
    insertsAndUpdates(home, "true");
  }

  /** Only the deletes: a progressive refresh has applied the rest while it merged. */
  public void applyDeletes(Connection home) throws SQLException {
    analyze(home);
    deletes(home);
  }

  /** The inserts and updates of one VNode above a sequence number, for progressive visibility. */
  public void applyChunk(Connection home, int vnode, long afterSeq) throws SQLException {
    insertsAndUpdates(home, "d.seq > " + afterSeq + " AND d.vnode = " + vnode);
  }

  /** Forgets the deletes, which the guard's policy or a person has skipped. */
  public void dropDeletes(Connection home) throws SQLException {
    update(home, "DELETE FROM " + delta.name() + " WHERE op = 'D'");
  }

  private void analyze(Connection home) throws SQLException {
    try (var statement = home.createStatement()) {
      statement.execute("ANALYZE " + delta.name() + " (seq, vnode, op)");
    }
  }

  private void deletes(Connection home) throws SQLException {
    var expected = count(home, "d.op = 'D'");
    if (expected == 0) {
      return;
    }
    var deleted =
        update(
            home,
            "DELETE FROM %s t USING %s WHERE d.op = 'D' AND %s"
                .formatted(target, delta.rows(), sameKey()));
    require("delete", expected, deleted);
  }

  private void insertsAndUpdates(Connection home, String which) throws SQLException {
    var inserts = count(home, "d.op = 'I' AND " + which);
    var updates = count(home, "d.op = 'U' AND " + which);
    long again = 0;
    if (updates > 0) {
      again = plan.replace().any() ? deleteReplaced(home, which) : 0;
      var updated = updateInPlace(home, which);
      require("update", updates, again + updated);
    }
    if (inserts + again > 0) {
      require("insert", inserts + again, insert(home, which, again > 0));
    }
  }

  private long deleteReplaced(Connection home, String which) throws SQLException {
    var changed =
        plan.replace().all()
            ? "true"
            : IntStream.range(plan.keyTypes().size(), plan.columns().size())
                .filter(i -> plan.replace().columns().contains(plan.columns().get(i).name()))
                .mapToObj(this::differs)
                .collect(Collectors.joining(" OR ", "(", ")"));
    return update(
        home,
        "DELETE FROM %s t USING %s WHERE d.op = 'U' AND %s AND %s AND %s"
            .formatted(target, delta.rows(), which, sameKey(), changed));
  }

  /** As text: some types have no equality, and others' operators are not on the search path. */
  private String differs(int index) {
    var column = plan.columns().get(index);
    return "t.%s::text IS DISTINCT FROM %s::text"
        .formatted(SqlName.quote(column.name()), DeltaTable.value(index, column));
  }

  /** Rows that differ in one of the columns left out were replaced before. */
  private long updateInPlace(Connection home, String which) throws SQLException {
    var assignments =
        IntStream.range(0, plan.columns().size())
            .filter(plan::updates)
            .filter(i -> !plan.replace().columns().contains(plan.columns().get(i).name()))
            .mapToObj(
                i ->
                    SqlName.quote(plan.columns().get(i).name())
                        + " = "
                        + DeltaTable.value(i, plan.columns().get(i)))
            .collect(Collectors.joining(", "));
    if (assignments.isEmpty()) {
      return 0;
    }
    return update(
        home,
        "UPDATE %s t SET %s FROM %s WHERE d.op = 'U' AND %s AND %s"
            .formatted(target, assignments, delta.rows(), which, sameKey()));
  }

  private long insert(Connection home, String which, boolean replaced) throws SQLException {
    var names =
        plan.columns().stream()
            .map(column -> SqlName.quote(column.name()))
            .collect(Collectors.joining(", "));
    var values =
        IntStream.range(0, plan.columns().size())
            .mapToObj(i -> DeltaTable.value(i, plan.columns().get(i)))
            .collect(Collectors.joining(", "));
    var ops =
        replaced
            ? "(d.op = 'I' OR d.op = 'U' AND NOT EXISTS (SELECT 1 FROM %s t WHERE %s))"
                .formatted(target, sameKey())
            : "d.op = 'I'";
    try {
      return update(
          home,
          "INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s WHERE %s AND %s"
              .formatted(target, names, values, delta.rows(), ops, which));
    } catch (SQLException e) {
      if (KeyViolation.isIn(e, plan)) {
        throw new TidemarkException(
            ErrorReport.of(
                ErrorCode.TARGET_CHANGED,
                "%s changed while it was compared: a key to insert is there already: %s"
                    .formatted(
                        target, String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", "; "))),
            e);
      }
      throw e;
    }
  }

  /** Index: the target's unique index on the key. */
  private String sameKey() {
    return IntStream.range(0, plan.keyTypes().size())
        .mapToObj(
            i ->
                "t.%s = r.%s"
                    .formatted(
                        SqlName.quote(plan.columns().get(i).name()), DeltaTable.attribute(i)))
        .collect(Collectors.joining(" AND "));
  }

  private long count(Connection home, String which) throws SQLException {
    try (var statement = home.createStatement();
        var rows =
            statement.executeQuery("SELECT count(*) FROM " + delta.name() + " d WHERE " + which)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private static long update(Connection home, String sql) throws SQLException {
    try (var statement = home.createStatement()) {
      return statement.executeLargeUpdate(sql);
    }
  }

  private void require(String what, long expected, long actual) {
    if (expected != actual) {
      throw new TidemarkException(
          ErrorCode.TARGET_CHANGED,
          "%s changed while it was compared: %d rows to %s, but %d were there to %s"
              .formatted(target, expected, what, actual, what));
    }
  }
}
