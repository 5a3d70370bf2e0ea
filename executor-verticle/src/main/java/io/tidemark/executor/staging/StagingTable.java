package io.tidemark.executor.staging;

import io.tidemark.common.config.StagingPolicy.OnDuplicate;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.HomeSchema;
import io.tidemark.common.home.SqlName;
import io.tidemark.executor.delta.LoadTable;
import io.tidemark.executor.plan.PlannedColumn;
import io.tidemark.executor.plan.RefreshPlan;
import io.tidemark.executor.plan.StagedPlan;
import io.tidemark.executor.source.RowBatch;
import io.tidemark.executor.source.Split;
import io.tidemark.executor.source.SplitReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Table {@code tidemark.staging_<refresh>}: the rows of a source as they were read, in the target's
 * types, UNLOGGED. Of a first load it is the load table itself, {@code tidemark.load_<refresh>},
 * which is logged, so that nothing is staged twice.
 *
 * <p>Where the policy needs to know which of two rows came first, it has two columns of its own.
 * They are filled by default values, so that a batch goes in as the connector wrote it.
 */
public final class StagingTable {
  /** Names that no source should have. */
  static final String SPLIT_COLUMN = SqlName.quote("tidemark:split");

  static final String ROW_COLUMN = SqlName.quote("tidemark:row");

  /** Of the caller's transaction: the split that it loads. */
  private static final String SPLIT_SETTING = "tidemark.split";

  private final long refreshId;
  private final RefreshPlan plan;
  private final StagedPlan staged;
  private final LoadTable load;
  private final String table;

  /** Its buffer is used for one batch after the other. */
  private final Optional<BinaryRows> binary;

  public StagingTable(long refreshId, RefreshPlan plan) {
    this.refreshId = refreshId;
    this.plan = plan;
    this.staged = plan.staged().orElseThrow();
    this.load = new LoadTable(refreshId, plan);
    this.binary = BinaryRows.of(plan);
    this.table =
        plan.firstLoad() ? load.name() : SqlName.quote(HomeSchema.NAME, "staging_" + refreshId);
  }

  /** Quoted, schema-qualified. */
  public String name() {
    return table;
  }

  /** Creates it, in the transaction that stores the plan. */
  public void create(Connection home) throws SQLException {
    if (plan.firstLoad()) {
      load.create(home);
    } else {
      var columns =
          plan.columns().stream().map(StagingTable::declaration).collect(Collectors.joining(", "));
      // Nobody needs its statistics before it is complete, and then they are taken at once.
      execute(
          home,
          "CREATE UNLOGGED TABLE "
              + table
              + " ("
              + columns
              + ") WITH (autovacuum_enabled = false, toast.autovacuum_enabled = false)");
      mark(home);
    }
    if (ordered()) {
      var sequence = SqlName.quote(HomeSchema.NAME, "staging_" + refreshId + "_row");
      execute(home, "CREATE SEQUENCE " + sequence);
      execute(
          home,
          "ALTER TABLE %s ADD COLUMN %s int, ADD COLUMN %s bigint"
              .formatted(table, SPLIT_COLUMN, ROW_COLUMN));
      execute(
          home,
          """
          ALTER TABLE %s
            ALTER COLUMN %s SET DEFAULT current_setting('%s')::int,
            ALTER COLUMN %s SET DEFAULT nextval(%s)
          """
              .formatted(
                  table, SPLIT_COLUMN, SPLIT_SETTING, ROW_COLUMN, SqlName.literal(sequence)));
      execute(home, "ALTER SEQUENCE " + sequence + " OWNED BY " + table + "." + ROW_COLUMN);
    }
  }

  /**
   * Removes all rows, and those in quarantine, for splits that all start again. In the caller's
   * transaction, which must fence all that load and merge first: from now on it counts as whole.
   */
  public void clear(Connection home) throws SQLException {
    execute(home, "DROP TABLE IF EXISTS " + table);
    execute(home, "DELETE FROM tidemark.quarantine WHERE refresh_id = " + refreshId);
    create(home);
  }

  /**
   * Whether a crash or failover of the home has emptied it since it was created or cleared. A load
   * table is logged, and so never lost. Index: the primary key of staging_marks.
   */
  public boolean lost(Connection home) throws SQLException {
    if (plan.firstLoad()) {
      return false;
    }
    try (var statement = home.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT FROM tidemark.staging_marks WHERE refresh_id = " + refreshId)) {
      return !rows.next();
    }
  }

  /** Throws STAGING_LOST where it is {@link #lost}. */
  void requireWhole(Connection home) throws SQLException {
    if (lost(home)) {
      throw lost();
    }
  }

  TidemarkException lost() {
    return new TidemarkException(
        ErrorCode.STAGING_LOST, "the home has lost rows that were staged in " + table);
  }

  /**
   * Appends rows by COPY in the caller's transaction, which must fence. After an exception the
   * transaction is to be rolled back.
   *
   * @return what was done with the batch's rows: their sum is {@link RowBatch#rows}
   * @throws TidemarkException ROW_MALFORMED with place and column, where a row cannot be read and
   *     the policy does not put it in quarantine, or that is full; STAGING_LOST where it was
   *     emptied
   */
  public Appended append(Connection home, Split split, SplitReader.Format format, RowBatch batch)
      throws SQLException {
    requireWhole(home);
    if (ordered()) {
      execute(home, "SET LOCAL " + SPLIT_SETTING + " = " + split.number());
    }
    return new BatchCopy(
            home, new Quarantine(refreshId, staged.policy()), columns(), split, format, binary)
        .append(batch);
  }

  /**
   * What became of a batch.
   *
   * @param rows in the table: what counts as loaded, and must be found there later
   * @param quarantined in {@code tidemark.quarantine}
   */
  public record Appended(long rows, long quarantined) {
    Appended plus(Appended other) {
      return new Appended(rows + other.rows, quarantined + other.quarantined);
    }
  }

  /** Whether it knows which row came first. */
  boolean ordered() {
    return staged.policy().onDuplicate() != OnDuplicate.FAIL;
  }

  /** Forgets which row came first, so that a load table is left as the target will be. */
  void dropOrder(Connection home) throws SQLException {
    if (ordered()) {
      execute(
          home,
          "ALTER TABLE %s DROP COLUMN %s, DROP COLUMN %s"
              .formatted(table, SPLIT_COLUMN, ROW_COLUMN));
    }
  }

  private BatchCopy.Into columns() {
    return new BatchCopy.Into(table, plan.columns().stream().map(PlannedColumn::name).toList());
  }

  private void mark(Connection home) throws SQLException {
    execute(
        home,
        """
        INSERT INTO tidemark.staging_marks (refresh_id) VALUES (%d)
        ON CONFLICT (refresh_id) DO NOTHING
        """
            .formatted(refreshId));
  }

  private static String declaration(PlannedColumn column) {
    return SqlName.quote(column.name())
        + " "
        + column.targetType()
        + (column.notNull() ? " NOT NULL" : "");
  }

  private static void execute(Connection home, String sql) throws SQLException {
    try (var statement = home.createStatement()) {
      statement.execute(sql);
    }
  }
}
