package io.tidemark.common.home;

import io.tidemark.common.refresh.LoadReport;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What an executor writes of its refresh's row where the source is staged: the claim to end the
 * loading, that it is ended, and that it has to begin again. Whoever ends it holds a {@code
 * work_generation}, as in {@link RefreshWork}.
 */
public final class StagedWork {
  /** Index: the primary keys. */
  private static final String CLAIM_LOAD_FINISH =
      """
      UPDATE tidemark.refreshes r
         SET work_owner = ?, work_generation = work_generation + 1
       WHERE id = ? AND state = 'REFRESHING' AND NOT paused AND staged AND loaded_at IS NULL
         AND NOT EXISTS (SELECT FROM tidemark.refresh_splits
                          WHERE refresh_id = r.id AND NOT is_completed)
         AND (work_owner IS NULL OR work_owner = ?)
         AND NOT EXISTS (SELECT FROM tidemark.lost_executors WHERE executor = ?)
      RETURNING work_generation
      """;

  /**
   * Whoever waited for a restart of the load to commit claims what was complete before: that all
   * splits are, is asked once more. Index: the primary keys.
   */
  private static final String LOAD_FINISHED =
      """
      UPDATE tidemark.refreshes
         SET loaded_at = clock_timestamp(), work_owner = NULL, rows_skipped = ?,
             load_report = ?::jsonb
       WHERE id = ? AND work_generation = ? AND state = 'REFRESHING' AND loaded_at IS NULL
         AND NOT EXISTS (SELECT FROM tidemark.refresh_splits
                          WHERE refresh_id = id AND NOT is_completed)
      """;

  private static final String LOADED =
      """
      SELECT loaded_at IS NOT NULL FROM tidemark.refreshes WHERE id = ?
      """;

  /** Index: the primary key. */
  private static final String INCOMPLETE =
      """
      SELECT EXISTS (SELECT FROM tidemark.refresh_splits WHERE refresh_id = ? AND NOT is_completed)
      """;

  /** Index: the primary key. */
  private static final String ROWS =
      """
      SELECT coalesce(sum(rows_loaded), 0)::bigint
        FROM tidemark.refresh_splits
       WHERE refresh_id = ?
      """;

  /**
   * Its number rises with each load, so that nobody claims in one that is over, and the percentage
   * that was shown stays. Index: the primary key.
   */
  private static final String NEXT_LOAD =
      """
      UPDATE tidemark.refreshes r
         SET snapshot = snapshot + 1, loaded_at = NULL, rows_skipped = 0, load_report = NULL,
             approved = false, -- what was approved was of the load before
             work_owner = NULL, work_generation = work_generation + 1,
             percent = greatest(r.percent, t.percent),
             merging_since = clock_timestamp(), merging_rows = 0,
             vnodes_skipped = CASE WHEN ? THEN 0 ELSE t.vnodes_completed END, splits_skipped = 0
        FROM tidemark.refresh_totals t
       WHERE r.id = ? AND t.refresh_id = r.id AND r.snapshot = ? AND r.state = 'REFRESHING'
      """;

  /**
   * Only what is still loaded is loaded again: from then on nothing is read of the source. Fences
   * whoever ends the load; what was shown once is never taken back. Indexes: the primary keys.
   */
  private static final String RESTART_LOAD =
      """
      UPDATE tidemark.refreshes r
         SET percent = greatest(r.percent, t.percent), splits_skipped = 0,
             work_owner = NULL, work_generation = work_generation + 1
        FROM tidemark.refresh_totals t
       WHERE r.id = ? AND t.refresh_id = r.id AND r.loaded_at IS NULL
         AND EXISTS (SELECT FROM tidemark.refresh_splits
                      WHERE refresh_id = r.id AND NOT is_completed)
      """;

  /** Fences whoever loads one. Index: the primary key. */
  private static final String RESTART_SPLITS =
      """
      UPDATE tidemark.refresh_splits
         SET position = NULL, is_completed = false, owner = NULL, generation = generation + 1,
             stage = 'NORMAL', rows_loaded = 0, bytes_loaded = 0, completed_at = NULL
       WHERE refresh_id = ?
      """;

  /** Fences whoever merges one; what is complete stays so. Index: the primary key. */
  private static final String RELEASE_VNODES =
      """
      WITH released AS (
        UPDATE tidemark.refresh_progress
           SET owner = NULL, generation = generation + 1, stage = 'NORMAL'
         WHERE refresh_id = ? AND NOT is_completed
        RETURNING 1)
      INSERT INTO tidemark.refresh_recoveries
             (refresh_id, cause, executor, stage, vnodes_completed, vnodes_released,
              splits_released)
      SELECT r.id, 'STAGING_LOST', ?, ?, r.vnodes_skipped, (SELECT count(*) FROM released),
             (SELECT count(*) FROM tidemark.refresh_splits WHERE refresh_id = r.id)
        FROM tidemark.refreshes r
       WHERE r.id = ?
      """;

  /** Whoever holds the source's snapshot holds it for the next load too. Index: the primary key. */
  private static final String KEEP_EXPORTS =
      """
      INSERT INTO tidemark.refresh_snapshots
             (refresh_id, number, holder, snapshot_id, sees, exported_at)
      SELECT refresh_id, number + 1, holder, snapshot_id, sees, exported_at
        FROM tidemark.refresh_snapshots
       WHERE refresh_id = ? AND number = ?
      ON CONFLICT (refresh_id, number, holder) DO NOTHING
      """;

  /**
   * Of the same table as it is defined now, as far as that decides what is read. Index:
   * refreshes_by_table.
   */
  private static final String LAST_PLAN =
      """
      SELECT last.plan::text
        FROM tidemark.refreshes r
        JOIN tidemark.refreshes last
          ON last.table_name = r.table_name AND last.id < r.id AND last.incarnation = r.incarnation
       WHERE r.id = ? AND last.state = 'SUCCEEDED' AND last.staged
         AND tidemark.substance(last.definition) = tidemark.substance(r.definition)
       ORDER BY last.id DESC
       LIMIT 1
      """;

  private final long refreshId;

  public StagedWork(long refreshId) {
    this.refreshId = refreshId;
  }

  /** Empty where another ends the loading, or it is not to be ended. */
  public OptionalLong claimLoadFinish(Connection home, String executor) throws SQLException {
    try (var statement = home.prepareStatement(CLAIM_LOAD_FINISH)) {
      statement.setString(1, executor);
      statement.setLong(2, refreshId);
      statement.setString(3, executor);
      statement.setString(4, executor);
      try (var rows = statement.executeQuery()) {
        return rows.next() ? OptionalLong.of(rows.getLong(1)) : OptionalLong.empty();
      }
    }
  }

  /**
   * Lets VNodes be merged, in the caller's transaction. False: fenced, nothing may be committed.
   *
   * @param skipped rows that were loaded and are not compared
   * @param report what was met and is not read
   */
  public boolean loadFinished(Connection home, long generation, long skipped, LoadReport report)
      throws SQLException {
    try (var statement = home.prepareStatement(LOAD_FINISHED)) {
      statement.setLong(1, skipped);
      statement.setString(2, OwnedRows.json(report));
      statement.setLong(3, refreshId);
      statement.setLong(4, generation);
      return statement.executeUpdate() == 1;
    }
  }

  /** The plan of the table's last staged refresh that succeeded, JSON; empty: there is none. */
  public Optional<String> lastPlan(Connection home) throws SQLException {
    try (var statement = home.prepareStatement(LAST_PLAN)) {
      statement.setLong(1, refreshId);
      try (var rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
      }
    }
  }

  /** Whether a split is not loaded completely. */
  public boolean anyIncomplete(Connection home) throws SQLException {
    return ask(home, INCOMPLETE);
  }

  /** Whether its VNodes may be merged. */
  public boolean isLoaded(Connection home) throws SQLException {
    return ask(home, LOADED);
  }

  private boolean ask(Connection home, String question) throws SQLException {
    try (var statement = home.prepareStatement(question)) {
      statement.setLong(1, refreshId);
      try (var rows = statement.executeQuery()) {
        return rows.next() && rows.getBoolean(1);
      }
    }
  }

  /** How many rows its splits say are in staging. */
  public long rowsLoaded(Connection home) throws SQLException {
    try (var statement = home.prepareStatement(ROWS)) {
      statement.setLong(1, refreshId);
      try (var rows = statement.executeQuery()) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  /**
   * Starts all splits again, in the caller's transaction, in another snapshot of the source. Fences
   * all that load. The refresh keeps the percentage that it had until it has come as far again.
   *
   * @return false: all are loaded, nothing was changed
   */
  public boolean restartLoad(Connection home) throws SQLException {
    try (var statement = home.prepareStatement(RESTART_LOAD)) {
      statement.setLong(1, refreshId);
      if (statement.executeUpdate() == 0) {
        return false;
      }
    }
    try (var statement = home.prepareStatement(RESTART_SPLITS)) {
      statement.setLong(1, refreshId);
      statement.executeUpdate();
    }
    return true;
  }

  /**
   * Starts all splits again, in the caller's transaction, because what they loaded is lost; VNodes
   * that are complete stay so. Fences all that load or merge. They read the snapshot of the source
   * that they read before, as long as somebody holds it.
   *
   * @param lost number of the load that is lost
   * @param stage in which that was noticed: REFRESHING or MERGING
   * @param mergedToo the caller starts all VNodes again, also those that are complete
   * @return false: another did, or the refresh has ended; nothing was changed
   */
  public boolean loadAgain(
      Connection home, int lost, String executor, String stage, boolean mergedToo)
      throws SQLException {
    try (var statement = home.prepareStatement(NEXT_LOAD)) {
      statement.setBoolean(1, mergedToo);
      statement.setLong(2, refreshId);
      statement.setInt(3, lost);
      if (statement.executeUpdate() == 0) {
        return false;
      }
    }
    try (var statement = home.prepareStatement(RESTART_SPLITS)) {
      statement.setLong(1, refreshId);
      statement.executeUpdate();
    }
    try (var statement = home.prepareStatement(KEEP_EXPORTS)) {
      statement.setLong(1, refreshId);
      statement.setInt(2, lost);
      statement.executeUpdate();
    }
    try (var statement = home.prepareStatement(RELEASE_VNODES)) {
      statement.setLong(1, refreshId);
      statement.setString(2, executor);
      statement.setString(3, stage);
      statement.setLong(4, refreshId);
      statement.executeUpdate();
    }
    return true;
  }
}
