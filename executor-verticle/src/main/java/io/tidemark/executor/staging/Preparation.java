package io.tidemark.executor.staging;

import io.tidemark.common.config.StagingPolicy.OnNullKey;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.SqlName;
import io.tidemark.common.home.VNodeRange;
import io.tidemark.common.refresh.LoadReport;
import io.tidemark.executor.plan.PlannedColumn;
import io.tidemark.executor.plan.RefreshPlan;
import io.tidemark.executor.plan.StagedPlan;
import io.tidemark.executor.plan.VNodeBoundaries;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Makes the rows that were loaded ready to be compared: that none is lost, none lacks its key, none
 * has the key of another; an index on the key, statistics, and where VNodes begin.
 */
public final class Preparation {
  /** For sorting the key, unless the server has more. */
  private static final int SORT_KILOBYTES = 256 << 10;

  /** Processes that help the one that counts and the one that sorts. */
  private static final int WORKERS = 2;

  private static final int SAMPLES = 5;

  private final long refreshId;
  private final RefreshPlan plan;
  private final StagedPlan staged;
  private final int vnodes;
  private final StagingTable staging;
  private final StagingKey key;

  /**
   * Prepares nothing yet.
   *
   * @param vnodes how many to make, at least 1; fewer come out where that is quicker
   */
  public Preparation(long refreshId, RefreshPlan plan, int vnodes) {
    this.refreshId = refreshId;
    this.plan = plan;
    this.staged = plan.staged().orElseThrow();
    this.vnodes = vnodes;
    this.staging = new StagingTable(refreshId, plan);
    this.key = new StagingKey(refreshId, plan);
  }

  /**
   * In the caller's transaction, which stores the VNodes and the report, and must fence first.
   *
   * @param loaded rows that all splits together say are staged
   * @throws TidemarkException STAGING_LOST where there are not as many; SOURCE_KEY_NULL,
   *     SOURCE_KEY_DUPLICATE where the policy says fail, with a sample; ROW_MALFORMED where more
   *     rows are in quarantine than may
   */
  public Prepared prepare(Connection home, long loaded) throws SQLException {
    staging.requireWhole(home);
    useMemoryAndWorkers(home);
    var samples = new ArrayList<String>();
    var quarantine = new Quarantine(refreshId, staged.policy());
    samples.addAll(quarantine.sample(home, SAMPLES));
    var quarantined = samples.isEmpty() ? 0 : quarantine.requireRoom(home, samples.getFirst());
    if (quarantined > 0) {
      samples.add("nothing is deleted from the target while rows are in quarantine");
    }
    // Most often all is well, and then the index has counted the rows: no pass over them is needed.
    var indexed = !plan.firstLoad() && key.tryBuild(home);
    var nulls = indexed && key.holds(home, loaded) ? nullKeys(home) : nullKeysOfAll(home, loaded);
    if (nulls > 0) {
      samples.addAll(skipNullKeys(home, nulls));
    }
    var duplicates = indexed ? StagingKey.Duplicates.NONE : key.build(home, SAMPLES);
    samples.addAll(duplicates.samples());
    staging.dropOrder(home);
    analyze(home);
    execute(home, "SET LOCAL max_parallel_workers_per_gather = 0");
    var rows = loaded - nulls - duplicates.dropped();
    return new Prepared(
        rows,
        ranges(home, rows),
        new LoadReport(quarantined, nulls, duplicates.dropped(), samples));
  }

  /**
   * What is ready.
   *
   * @param rows to be compared; of a first load: inserted
   * @param vnodes of a first load there is one, of all rows, and it is complete
   */
  public record Prepared(long rows, List<VNodeRange> vnodes, LoadReport report) {
    public Prepared {
      vnodes = List.copyOf(vnodes);
    }
  }

  /** How many lack their key: by the index, where the key is of one column. */
  private long nullKeys(Connection home) throws SQLException {
    try (var statement = home.createStatement()) {
      statement.setEscapeProcessing(false);
      try (var rows =
          statement.executeQuery(
              "SELECT count(*) FROM %s WHERE %s".formatted(staging.name(), anyNull()))) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  /** One pass over all rows: none is missing; how many lack their key. */
  private long nullKeysOfAll(Connection home, long loaded) throws SQLException {
    try (var statement = home.createStatement()) {
      statement.setEscapeProcessing(false);
      try (var rows =
          statement.executeQuery(
              "SELECT count(*), count(*) FILTER (WHERE %s) FROM %s"
                  .formatted(anyNull(), staging.name()))) {
        rows.next();
        if (rows.getLong(1) != loaded) {
          throw new TidemarkException(
              ErrorCode.STAGING_LOST,
              "%d rows were staged in %s, but %d are there"
                  .formatted(loaded, staging.name(), rows.getLong(1)));
        }
        return rows.getLong(2);
      }
    }
  }

  private List<String> skipNullKeys(Connection home, long nulls) throws SQLException {
    var samples = new ArrayList<String>();
    try (var statement = home.createStatement()) {
      statement.setEscapeProcessing(false);
      try (var rows =
          statement.executeQuery(
              "SELECT left(concat_ws(', ', %s), 200) FROM %s WHERE %s LIMIT %d"
                  .formatted(shown(), staging.name(), anyNull(), SAMPLES))) {
        while (rows.next()) {
          samples.add("no key: " + rows.getString(1));
        }
      }
      if (staged.policy().onNullKey() == OnNullKey.FAIL) {
        throw new TidemarkException(
            ErrorCode.SOURCE_KEY_NULL,
            "%d rows of the source lack a value in key column %s, such as %s"
                .formatted(
                    nulls,
                    plan.keyColumns().stream()
                        .map(PlannedColumn::name)
                        .collect(Collectors.joining(", ")),
                    samples.getFirst()));
      }
      statement.execute("DELETE FROM " + staging.name() + " WHERE " + anyNull());
    }
    return samples;
  }

  private String anyNull() {
    return plan.keyColumns().stream()
        .map(column -> SqlName.quote(column.name()) + " IS NULL")
        .collect(Collectors.joining(" OR "));
  }

  /** A few columns of a row, with their names. */
  private String shown() {
    return plan.columns().stream()
        .limit(SAMPLES)
        .map(
            column ->
                SqlName.literal(column.name() + "=")
                    + " || coalesce("
                    + SqlName.quote(column.name())
                    + "::text, 'NULL')")
        .collect(Collectors.joining(", "));
  }

  private List<VNodeRange> ranges(Connection home, long rows) throws SQLException {
    return plan.firstLoad()
        ? List.of(new VNodeRange(0, null, null, rows))
        : VNodeBoundaries.ofStaged(home, plan, staging.name(), key.fit(home, vnodes), rows);
  }

  /** Of the key only: nobody asks for more of staging, and the target is yet to be analyzed. */
  private void analyze(Connection home) throws SQLException {
    if (!plan.firstLoad()) {
      var columns =
          plan.keyColumns().stream()
              .map(column -> SqlName.quote(column.name()))
              .collect(Collectors.joining(", "));
      execute(home, "ANALYZE " + staging.name() + " (" + columns + ")");
    }
  }

  private static void useMemoryAndWorkers(Connection home) throws SQLException {
    execute(home, "SET LOCAL max_parallel_workers_per_gather = " + WORKERS);
    execute(
        home,
        """
        SELECT set_config('maintenance_work_mem', '%1$dkB', true)
        FROM pg_settings WHERE name = 'maintenance_work_mem' AND setting::int < %1$d
        """
            .formatted(SORT_KILOBYTES));
  }

  private static void execute(Connection home, String sql) throws SQLException {
    try (var statement = home.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute(sql);
    }
  }
}
