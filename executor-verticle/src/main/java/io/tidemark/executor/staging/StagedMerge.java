package io.tidemark.executor.staging;

import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.HomeSchema;
import io.tidemark.common.home.SqlName;
import io.tidemark.common.refresh.RowCounts;
import io.tidemark.executor.delta.DeltaApply;
import io.tidemark.executor.delta.DeltaTable;
import io.tidemark.executor.plan.KeyRange;
import io.tidemark.executor.plan.RefreshPlan;
import io.tidemark.executor.plan.StagedPlan.Comparison;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Compares one VNode's staged rows with the target's inside the home: one join of both key ranges,
 * out of which only differences come.
 */
public final class StagedMerge {
  /** Of a VNode's join. It holds one side of it where that is hashed, and spills what is more. */
  private static final String WORK_MEM = "32MB";

  private final long refreshId;
  private final RefreshPlan plan;
  private final boolean progressive;
  private final List<Comparison> compare;
  private final StagingTable staging;
  private final Quarantine quarantine;
  private final DeltaTable delta;
  private final DeltaApply apply;

  /**
   * Compares nothing yet.
   *
   * @param progressive whether inserts and updates go on from the delta into the target at once
   */
  public StagedMerge(long refreshId, RefreshPlan plan, boolean progressive) {
    this.refreshId = refreshId;
    this.plan = plan;
    this.progressive = progressive;
    this.compare = plan.staged().orElseThrow().compare();
    this.staging = new StagingTable(refreshId, plan);
    this.quarantine = new Quarantine(refreshId, plan.staged().orElseThrow().policy());
    this.delta = new DeltaTable(refreshId, plan);
    this.apply = new DeltaApply(refreshId, plan);
  }

  /**
   * Writes the VNode's differences to the delta, in the caller's transaction, which must fence.
   * Whole or not at all: a VNode has no position in between. Where rows of the refresh are in
   * quarantine, no deletes are among them.
   *
   * @param lower exclusive, as text by key column; empty: open-ended
   * @param upper inclusive, likewise
   * @return differences written; rows that were compared are not counted: a count of them costs a
   *     third of the comparison
   * @throws TidemarkException STAGING_LOST where the staged rows are not there any more: nothing
   *     was written then, least of all a delete
   */
  public RowCounts merge(
      Connection home, int vnode, Optional<List<String>> lower, Optional<List<String>> upper)
      throws SQLException {
    staging.requireWhole(home);
    var range = KeyRange.predicate(plan, lower, upper);
    try (var statement = home.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute("SET LOCAL work_mem = '" + WORK_MEM + "'");
      var after = progressive ? number(home, "SELECT nextval('tidemark.change_seq')") : 0;
      var found = new long[3];
      // A row that could not be read may be one of those that seem to be gone.
      var deletes = !quarantine.holdsAny(home);
      try (var rows = statement.executeQuery(differences(vnode, range, deletes))) {
        while (rows.next()) {
          found["IUD".indexOf(rows.getString(1))] = rows.getLong(2);
        }
      }
      if (progressive && found[0] + found[1] > 0) {
        apply.applyChunk(home, vnode, after);
      }
      return new RowCounts(0, found[0], found[1], found[2]);
    }
  }

  /**
   * Indexes: the key of staging, and the target's unique index on it; their ranges are merged, or
   * hashed where the heap is in another order. A row of 'D' has its key only.
   */
  String differences(int vnode, Optional<String> range, boolean deletes) {
    return """
    WITH found AS (
      INSERT INTO %1$s (vnode, op, row)
      SELECT %2$d,
             CASE WHEN t.c1 IS NULL THEN 'I' WHEN s.c1 IS NULL THEN 'D' ELSE 'U' END::"char",
             CASE WHEN s.c1 IS NULL THEN ROW(%3$s)::%4$s ELSE ROW(%5$s)::%4$s END
      FROM (SELECT %6$s FROM %7$s%8$s) s
      %12$s JOIN (SELECT %6$s FROM %9$s%8$s) t ON %10$s
      WHERE %13$s(t.c1 IS NULL OR s.c1 IS NULL%11$s)
      RETURNING op)
    SELECT op, count(*) FROM found GROUP BY op
    """
        .formatted(
            delta.name(),
            vnode,
            each(i -> i < plan.keyTypes().size() ? wire("t", i) : "NULL"),
            SqlName.quote(HomeSchema.NAME, "delta_" + refreshId + "_row"),
            each(i -> wire("s", i)),
            each(i -> SqlName.quote(plan.columns().get(i).name()) + " AS " + attribute(i)),
            staging.name(),
            range.map(it -> " WHERE " + it).orElse(""),
            SqlName.quote(plan.targetSchema(), plan.targetName()),
            IntStream.range(0, plan.keyTypes().size())
                .mapToObj(i -> "s.%1$s = t.%1$s".formatted(attribute(i)))
                .collect(Collectors.joining(" AND ")),
            differs(),
            deletes ? "FULL" : "LEFT",
            suspect());
  }

  /**
   * What is true of every row that differs, and of few that do not: those with nulls. An equality
   * that knows no nulls is quicker than one that does, by a fifth of the whole comparison.
   */
  private String suspect() {
    var equal = equal("s.%1$s = t.%1$s", " AND ");
    return equal.isEmpty() ? "" : "((" + equal + ") IS NOT TRUE" + others() + ") AND ";
  }

  /** Exactly what differs, among rows that both sides have. */
  private String differs() {
    var equal = equal("s.%1$s IS DISTINCT FROM t.%1$s", " OR ");
    return (equal.isEmpty() ? "" : " OR " + equal) + others();
  }

  /** Of values whose type has an equality that tells them apart one by one; keys are joined by. */
  private String equal(String condition, String joined) {
    return IntStream.range(plan.keyTypes().size(), plan.columns().size())
        .filter(i -> compare.get(i) == Comparison.EQUAL)
        .mapToObj(i -> condition.formatted(attribute(i)))
        .collect(Collectors.joining(joined));
  }

  /** Of the rest: as text, or as two rows' images. */
  private String others() {
    var conditions = new ArrayList<String>();
    var images = new ArrayList<Integer>();
    for (var i = 0; i < plan.columns().size(); i++) {
      switch (compare.get(i)) {
        case EQUAL -> {
          // in equal
        }
        case TEXT ->
            conditions.add("s.%1$s::text IS DISTINCT FROM t.%1$s::text".formatted(attribute(i)));
        case IMAGE -> images.add(i);
      }
    }
    if (!images.isEmpty()) {
      conditions.add(
          "ROW(%s)::record *<> ROW(%s)::record".formatted(row("s", images), row("t", images)));
    }
    return conditions.stream().map(" OR "::concat).collect(Collectors.joining());
  }

  private static String row(String side, List<Integer> columns) {
    return columns.stream().map(i -> side + "." + attribute(i)).collect(Collectors.joining(", "));
  }

  private String wire(String side, int index) {
    return side + "." + attribute(index) + (compare.get(index) == Comparison.TEXT ? "::text" : "");
  }

  private String each(IntFunction<String> column) {
    return IntStream.range(0, plan.columns().size())
        .mapToObj(column)
        .collect(Collectors.joining(", "));
  }

  private static String attribute(int index) {
    return DeltaTable.attribute(index);
  }

  private static long number(Connection home, String sql) throws SQLException {
    try (var statement = home.createStatement()) {
      statement.setEscapeProcessing(false);
      try (var rows = statement.executeQuery(sql)) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }
}
