package io.tidemark.executor.staging;

import io.tidemark.common.config.StagingPolicy.OnDuplicate;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.SqlName;
import io.tidemark.executor.delta.LoadTable;
import io.tidemark.executor.plan.KeyRange;
import io.tidemark.executor.plan.PlannedColumn;
import io.tidemark.executor.plan.RefreshPlan;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.postgresql.util.PSQLState;

/** The key of staged rows: an index that is built once they are all there, and finds duplicates. */
final class StagingKey {
  /** So unlike the key's order may a heap be that ranges are still read by the index. */
  private static final double SCATTERED = 0.5;

  /**
   * Of a heap in another order: each VNode reads nearly all of it, so there are few. Measured with
   * 2 M rows of random uuid keys in memory: 256 VNodes take 45 s, 16 take 15 s, 4 take 6 s.
   */
  private static final int SCATTERED_VNODES = 8;

  /** Blocks of 8 KiB up to which order does not matter: they stay in memory. */
  private static final long SMALL_PAGES = 4_096;

  /**
   * How alike the order of a heap and of the key's first column are, of the worst of both sides.
   */
  private static final String ORDER =
      """
      SELECT coalesce(min(abs(s.correlation)), 1) AS correlation,
             (SELECT relpages FROM pg_class WHERE oid = ?::regclass) AS pages
      FROM pg_stats s
      WHERE (s.schemaname, s.tablename) IN (
              SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE c.oid IN (?::regclass, ?::regclass))
        AND s.attname = ?
      """;

  /** Index: pg_index_indrelid_index. */
  private static final String INDEXED =
      """
      SELECT c.reltuples::float8
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
       WHERE i.indrelid = ?::regclass AND i.indisunique AND i.indisvalid
      """;

  /** Up to here a float4, which reltuples is, tells whole numbers apart. */
  private static final long COUNTED_EXACTLY = 1 << 24;

  private final RefreshPlan plan;
  private final StagingTable staging;
  private final LoadTable load;
  private final OnDuplicate policy;

  StagingKey(long refreshId, RefreshPlan plan) {
    this.plan = plan;
    this.staging = new StagingTable(refreshId, plan);
    this.load = new LoadTable(refreshId, plan);
    this.policy = plan.staged().orElseThrow().policy().onDuplicate();
  }

  /**
   * What was left out.
   *
   * @param samples a few keys, in words
   */
  record Duplicates(long dropped, List<String> samples) {
    static final Duplicates NONE = new Duplicates(0, List.of());
  }

  /**
   * Builds the index, in the caller's transaction; of a duplicate only the row that counts is left.
   *
   * @throws TidemarkException SOURCE_KEY_DUPLICATE where the policy says fail
   */
  Duplicates build(Connection home, int samples) throws SQLException {
    if (tryBuild(home)) {
      return Duplicates.NONE;
    }
    var found = duplicates(home, samples);
    if (policy == OnDuplicate.FAIL) {
      throw new TidemarkException(
          ErrorCode.SOURCE_KEY_DUPLICATE,
          "%d keys occur more than once in the source: %s"
              .formatted(found.keys, String.join("; ", found.samples)));
    }
    var dropped = drop(home);
    if (!tryBuild(home)) {
      throw new IllegalStateException("duplicate keys are left");
    }
    return new Duplicates(dropped, found.samples);
  }

  /** How many VNodes to make: fewer where each would read the heap in jumps. */
  int fit(Connection home, int vnodes) throws SQLException {
    try (var statement = home.prepareStatement(ORDER)) {
      statement.setString(1, staging.name());
      statement.setString(2, staging.name());
      statement.setString(3, SqlName.quote(plan.targetSchema(), plan.targetName()));
      statement.setString(4, plan.keyColumns().getFirst().name());
      try (var row = statement.executeQuery()) {
        row.next();
        return row.getDouble("correlation") < SCATTERED && row.getLong("pages") > SMALL_PAGES
            ? Math.min(vnodes, SCATTERED_VNODES)
            : vnodes;
      }
    }
  }

  /** Builds the index, in the caller's transaction; false: there are duplicates, and no index. */
  boolean tryBuild(Connection home) throws SQLException {
    var savepoint = home.setSavepoint();
    try {
      if (plan.firstLoad()) {
        load.addKey(home);
      } else {
        try (var statement = home.createStatement()) {
          statement.execute(
              "CREATE UNIQUE INDEX ON " + staging.name() + " (" + KeyRange.order(plan) + ")");
        }
      }
      home.releaseSavepoint(savepoint);
      return true;
    } catch (SQLException e) {
      if (!PSQLState.UNIQUE_VIOLATION.getState().equals(e.getSQLState())) {
        throw e;
      }
      home.rollback(savepoint);
      return false;
    }
  }

  /**
   * Whether the index that was just built says that it was built of so many rows. Postgres counts
   * them one by one, and null keys too, but not in all its versions and settings does it write the
   * number down, and large ones it rounds: false means nothing.
   *
   * @param rows none of which was deleted since it was staged
   */
  boolean holds(Connection home, long rows) throws SQLException {
    try (var statement = home.prepareStatement(INDEXED)) {
      statement.setString(1, staging.name());
      try (var counted = statement.executeQuery()) {
        return rows <= COUNTED_EXACTLY && counted.next() && counted.getDouble(1) == rows;
      }
    }
  }

  private record Found(long keys, List<String> samples) {}

  /** One pass that sorts or hashes all keys: only where there are duplicates. */
  private Found duplicates(Connection home, int limit) throws SQLException {
    var texts =
        plan.keyColumns().stream()
            .map(PlannedColumn::name)
            .map(name -> SqlName.literal(name + "=") + " || " + SqlName.quote(name) + "::text")
            .collect(Collectors.joining(", "));
    var samples = new ArrayList<String>();
    var keys = 0L;
    try (var statement = home.createStatement()) {
      statement.setEscapeProcessing(false);
      try (var rows =
          statement.executeQuery(
              """
              SELECT left(concat_ws(', ', %1$s), 200), count(*), count(*) OVER ()
              FROM %2$s GROUP BY %3$s HAVING count(*) > 1 ORDER BY %3$s LIMIT %4$d
              """
                  .formatted(texts, staging.name(), KeyRange.order(plan), limit))) {
        while (rows.next()) {
          samples.add(rows.getString(1) + " (" + rows.getLong(2) + " rows)");
          keys = rows.getLong(3);
        }
      }
    }
    return new Found(keys, samples);
  }

  /** All rows of a key but the one that counts. */
  private long drop(Connection home) throws SQLException {
    var direction = policy == OnDuplicate.FIRST ? "" : " DESC";
    try (var statement = home.createStatement()) {
      statement.setEscapeProcessing(false);
      return statement.executeLargeUpdate(
          """
          DELETE FROM %1$s s
          USING (SELECT ctid AS at,
                        row_number() OVER (PARTITION BY %2$s ORDER BY %3$s%5$s, %4$s%5$s) AS place
                 FROM %1$s) r
          WHERE s.ctid = r.at AND r.place > 1
          """
              .formatted(
                  staging.name(),
                  KeyRange.order(plan),
                  StagingTable.SPLIT_COLUMN,
                  StagingTable.ROW_COLUMN,
                  direction));
    }
  }
}
