package io.tidemark.common.home;

import io.tidemark.common.refresh.RecoveryCause;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.Visibility;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What an executor reads and writes of its refresh's row: the claim to plan or to finish it, and
 * the snapshots of its source. Whoever plans or finishes holds a {@code work_generation}; its last
 * statement before the commit is conditional on it, so that a stale one commits nothing.
 */
public final class RefreshWork {
  private static final String LOAD =
      """
      SELECT table_name, state, visibility, definition::text, plan::text, first_load, skip_deletes,
             snapshot, attempts
        FROM tidemark.refreshes
       WHERE id = ?
      """;

  private static final String CLAIM_PLANNING =
      """
      UPDATE tidemark.refreshes
         SET work_owner = ?, work_generation = work_generation + 1
       WHERE id = ? AND state = 'REFRESHING' AND plan IS NULL
         AND (work_owner IS NULL OR work_owner = ?)
         AND NOT EXISTS (SELECT FROM tidemark.lost_executors WHERE executor = ?)
      RETURNING work_generation
      """;

  private static final String CLAIM_FINISHING =
      """
      UPDATE tidemark.refreshes
         SET work_owner = ?, work_generation = work_generation + 1
       WHERE id = ? AND state = 'FINISHING'
         AND (work_owner IS NULL OR work_owner = ?)
         AND NOT EXISTS (SELECT FROM tidemark.lost_executors WHERE executor = ?)
      RETURNING work_generation
      """;

  /**
   * From here on its target may be written to: which version that holds is not known any more.
   * Index: the primary key.
   */
  private static final String STORE_PLAN =
      """
      WITH stored AS (
        UPDATE tidemark.refreshes
           SET plan = ?::jsonb, first_load = ?, staged = ?, snapshot = 1, work_owner = NULL,
               merging_since = clock_timestamp(), merging_rows = 0
         WHERE id = ? AND work_generation = ? AND state = 'REFRESHING' AND plan IS NULL
        RETURNING target, plan),
      unknown AS (
        DELETE FROM tidemark.target_versions v
         USING stored
         WHERE v.target = stored.target
            OR v.relation = to_regclass(quote_ident(stored.plan ->> 'targetSchema')
                                        || '.' || quote_ident(stored.plan ->> 'targetName')))
      SELECT count(*) FROM stored
      """;

  /** A recovery that no committed epoch has ended ends with the refresh. Index: by refresh. */
  static final String GONE_ON =
      """
      WITH gone_on AS (
        UPDATE tidemark.refresh_recoveries
           SET seconds = extract(epoch FROM clock_timestamp() - lost_at)
         WHERE refresh_id = ? AND seconds IS NULL AND lost_at IS NOT NULL)
      """;

  private static final String SUCCEED =
      GONE_ON
          + """
      UPDATE tidemark.refreshes
         SET state = 'SUCCEEDED', finished_at = clock_timestamp(), percent = 100, error = NULL,
             work_owner = NULL,
             load_seq = CASE WHEN first_load THEN next.seq END,
             feed_last = CASE WHEN first_load THEN next.seq ELSE ?::bigint END
        FROM (SELECT nextval('tidemark.change_seq') AS seq) AS next
       WHERE id = ? AND work_generation = ? AND state = 'FINISHING' AND NOT paused
      """;

  private static final String RELEASE =
      """
      UPDATE tidemark.refreshes SET work_owner = NULL WHERE id = ? AND work_generation = ?
      """;

  private static final String NEXT_SNAPSHOT =
      """
      UPDATE tidemark.refreshes
         SET snapshot = snapshot + 1, approved = false -- what was approved was of the one before
       WHERE id = ? AND snapshot = ? AND state = 'REFRESHING'
      """;

  private static final String SNAPSHOT = "SELECT snapshot FROM tidemark.refreshes WHERE id = ?";

  private static final String EXPORTED =
      """
      INSERT INTO tidemark.refresh_snapshots (refresh_id, number, holder, snapshot_id, sees)
      VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (refresh_id, number, holder)
      DO UPDATE SET snapshot_id = excluded.snapshot_id, sees = excluded.sees, exported_at = now()
      """;

  /** Newest first: those are most likely alive. Index: the primary key. */
  private static final String EXPORTS =
      """
      SELECT snapshot_id, sees
        FROM tidemark.refresh_snapshots
       WHERE refresh_id = ? AND number = ? AND sees IS NOT NULL
       ORDER BY exported_at DESC
       LIMIT 32
      """;

  private static final String RECOVERED =
      """
      WITH vnodes AS (
        SELECT count(*) FILTER (WHERE is_completed) AS completed,
               count(*) FILTER (WHERE NOT is_completed AND owner IS NOT NULL) AS claimed
          FROM tidemark.refresh_progress
         WHERE refresh_id = ?),
      skipped AS (
        UPDATE tidemark.refreshes r SET vnodes_skipped = v.completed FROM vnodes v WHERE r.id = ?)
      INSERT INTO tidemark.refresh_recoveries
             (refresh_id, cause, executor, stage, vnodes_completed, vnodes_released, lost_at)
      SELECT ?, ?, ?, 'MERGING', v.completed, CASE WHEN ? THEN v.claimed ELSE 0 END,
             clock_timestamp()
        FROM vnodes v
      """;

  /** Since it began or was taken up again. Index: refresh_recoveries_by_refresh. */
  private static final String SNAPSHOTS_LOST =
      """
      SELECT count(*)
        FROM tidemark.refresh_recoveries
       WHERE refresh_id = ? AND cause = 'SNAPSHOT_LOST'
         AND at > coalesce((SELECT max(at) FROM tidemark.refresh_recoveries
                             WHERE refresh_id = ? AND cause = 'RESUMED_AFTER_FAILURE'), '-infinity')
      """;

  private final long refreshId;

  /**
   * An exported snapshot of the source.
   *
   * @param id by which it is imported, unique for one life of the server only
   * @param sees what distinguishes it from all others of its source, in all lives of the server
   */
  public record Export(String id, String sees) {}

  public RefreshWork(long refreshId) {
    this.refreshId = refreshId;
  }

  /**
   * A refresh as its executor sees it.
   *
   * @param definition as the user wrote it, JSON
   * @param plan as its planner stored it, JSON; empty: not planned yet
   * @param skipDeletes apply all but the deletes
   * @param snapshot number of the source snapshot in use
   */
  public record Row(
      String table,
      RefreshState state,
      Visibility visibility,
      String definition,
      Optional<String> plan,
      boolean firstLoad,
      boolean skipDeletes,
      int snapshot,
      int attempt) {}

  /** Empty where the refresh is gone. */
  public Optional<Row> load(Connection home) throws SQLException {
    try (var statement = home.prepareStatement(LOAD)) {
      statement.setLong(1, refreshId);
      try (var rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(row(rows)) : Optional.empty();
      }
    }
  }

  /** Empty where another plans it, or it needs no plan. */
  public OptionalLong claimPlanning(Connection home, String executor) throws SQLException {
    return claim(home, CLAIM_PLANNING, executor);
  }

  /** Empty where another finishes it, or it is not to be finished. */
  public OptionalLong claimFinishing(Connection home, String executor) throws SQLException {
    return claim(home, CLAIM_FINISHING, executor);
  }

  /**
   * Stores the plan in the caller's transaction. False: fenced, nothing may be committed.
   *
   * @param staged the source is read in splits
   */
  public boolean storePlan(
      Connection home, long generation, String plan, boolean firstLoad, boolean staged)
      throws SQLException {
    try (var statement = home.prepareStatement(STORE_PLAN)) {
      statement.setString(1, plan);
      statement.setBoolean(2, firstLoad);
      statement.setBoolean(3, staged);
      statement.setLong(4, refreshId);
      statement.setLong(5, generation);
      try (var rows = statement.executeQuery()) {
        return rows.next() && rows.getLong(1) == 1;
      }
    }
  }

  /**
   * Ends it SUCCEEDED in the caller's transaction. False: fenced, nothing may be committed.
   *
   * @param lastChange with which its delta stays, as a page of the change feed; empty: there is
   *     none
   */
  public boolean succeed(Connection home, long generation, OptionalLong lastChange)
      throws SQLException {
    try (var statement = home.prepareStatement(SUCCEED)) {
      statement.setLong(1, refreshId);
      statement.setObject(2, lastChange.isPresent() ? lastChange.getAsLong() : null, Types.BIGINT);
      statement.setLong(3, refreshId);
      statement.setLong(4, generation);
      return statement.executeUpdate() == 1;
    }
  }

  /** Gives the claim to plan or to finish back, so that anyone can take it. */
  public void release(Connection home, long generation) throws SQLException {
    try (var statement = home.prepareStatement(RELEASE)) {
      statement.setLong(1, refreshId);
      statement.setLong(2, generation);
      statement.executeUpdate();
    }
  }

  /** Number of the source snapshot in use. */
  public int snapshot(Connection home) throws SQLException {
    try (var statement = home.prepareStatement(SNAPSHOT)) {
      statement.setLong(1, refreshId);
      try (var rows = statement.executeQuery()) {
        return rows.next() ? rows.getInt(1) : 0;
      }
    }
  }

  /** Moves on from a lost snapshot. False: another did, or the refresh has ended. */
  public boolean nextSnapshot(Connection home, int lost) throws SQLException {
    try (var statement = home.prepareStatement(NEXT_SNAPSHOT)) {
      statement.setLong(1, refreshId);
      statement.setInt(2, lost);
      return statement.executeUpdate() == 1;
    }
  }

  /** How many snapshots of the source it has lost in this attempt. */
  public long snapshotsLost(Connection home) throws SQLException {
    try (var statement = home.prepareStatement(SNAPSHOTS_LOST)) {
      statement.setLong(1, refreshId);
      statement.setLong(2, refreshId);
      return first(statement).orElseThrow();
    }
  }

  /** Tells others that they can import this snapshot as long as its holder lives. */
  public void exported(Connection home, int number, String holder, Export export)
      throws SQLException {
    try (var statement = home.prepareStatement(EXPORTED)) {
      statement.setLong(1, refreshId);
      statement.setInt(2, number);
      statement.setString(3, holder);
      statement.setString(4, export.id());
      statement.setString(5, export.sees());
      statement.executeUpdate();
    }
  }

  /** Snapshots that may still be importable, newest first. */
  public List<Export> exports(Connection home, int number) throws SQLException {
    try (var statement = home.prepareStatement(EXPORTS)) {
      statement.setLong(1, refreshId);
      statement.setInt(2, number);
      var exports = new ArrayList<Export>();
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          exports.add(new Export(rows.getString(1), rows.getString(2)));
        }
      }
      return exports;
    }
  }

  /**
   * Records a recovery, and that what is completed now is skipped from now on.
   *
   * @param released whether claimed VNodes are taken from their owners by it
   */
  public void recovered(Connection home, RecoveryCause cause, String executor, boolean released)
      throws SQLException {
    try (var statement = home.prepareStatement(RECOVERED)) {
      statement.setLong(1, refreshId);
      statement.setLong(2, refreshId);
      statement.setLong(3, refreshId);
      statement.setString(4, cause.name());
      statement.setString(5, executor);
      statement.setBoolean(6, released);
      statement.executeUpdate();
    }
  }

  private OptionalLong claim(Connection home, String sql, String executor) throws SQLException {
    try (var statement = home.prepareStatement(sql)) {
      statement.setString(1, executor);
      statement.setLong(2, refreshId);
      statement.setString(3, executor);
      statement.setString(4, executor);
      return first(statement);
    }
  }

  private static OptionalLong first(PreparedStatement statement) throws SQLException {
    try (var rows = statement.executeQuery()) {
      return rows.next() ? OptionalLong.of(rows.getLong(1)) : OptionalLong.empty();
    }
  }

  private static Row row(ResultSet row) throws SQLException {
    return new Row(
        row.getString("table_name"),
        RefreshState.valueOf(row.getString("state")),
        Visibility.valueOf(row.getString("visibility")),
        row.getString("definition"),
        Optional.ofNullable(row.getString("plan")),
        row.getBoolean("first_load"),
        row.getBoolean("skip_deletes"),
        row.getInt("snapshot"),
        row.getInt("attempts"));
  }
}
