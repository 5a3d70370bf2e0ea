package io.tidemark.common.home;

import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.RefreshProgressTable.Claim;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * Table {@code tidemark.refresh_splits} as executors use it: claim, checkpoint, release, as {@link
 * RefreshProgressTable} does for VNodes. A split's {@link Claim} holds its number in {@link
 * Claim#vnode}, its position as the only part, and as counters what is loaded of it.
 */
public final class RefreshSplitsTable {
  private static final String INSERT =
      """
      INSERT INTO tidemark.refresh_splits
             (refresh_id, split, name, spec, rows_planned, bytes_planned)
      VALUES (?, ?, ?, nullif(?, '')::jsonb, ?, ?)
      """;

  /** Index: the primary key. */
  private static final String READ =
      """
      SELECT split, name, coalesce(spec::text, '') AS spec, rows_planned, bytes_planned
        FROM tidemark.refresh_splits
       WHERE refresh_id = ? AND split = ?
      """;

  /** Index: the primary key. Touches no indexed column, so that updates stay HOT. */
  private static final String CHECKPOINT =
      """
      UPDATE tidemark.refresh_splits p
         SET position = c.position,
             is_completed = c.completed,
             stage = CASE WHEN c.completed THEN 'CLEANUP' ELSE 'REFRESHING' END,
             rows_loaded = c.rows,
             bytes_loaded = c.bytes,
             epoch = greatest(p.epoch, c.epoch),
             checkpoint = c.checkpoint,
             -- One that gets on is not the one that fails wherever it is claimed.
             tries = CASE WHEN p.position IS DISTINCT FROM c.position THEN 0 ELSE p.tries END,
             completed_at = CASE WHEN c.completed THEN clock_timestamp() END
        FROM (VALUES (?::text, ?::boolean, ?::bigint, ?::bigint, ?::bigint, ?::bigint))
             AS c(position, completed, rows, bytes, epoch, checkpoint)
       WHERE p.refresh_id = ? AND p.split = ? AND p.generation = ? AND p.checkpoint < c.checkpoint
      """;

  private final long refreshId;
  private final OwnedRows owned;

  public RefreshSplitsTable(long refreshId) {
    this.refreshId = refreshId;
    this.owned = new OwnedRows(refreshId, OwnedRows.Kind.SPLIT);
  }

  /**
   * How far a split is. Counters are totals.
   *
   * @param position where it goes on; empty: at its start
   * @param checkpoint rises with each checkpoint of the split
   */
  public record Checkpoint(
      Claim claim,
      long checkpoint,
      long epoch,
      Optional<String> position,
      boolean completed,
      long rows,
      long bytes) {}

  /** Adds the plan's splits, in few exchanges with the server. */
  public void insert(Connection home, List<PlannedSplit> splits) throws SQLException {
    try (var statement = home.prepareStatement(INSERT)) {
      for (var split : splits) {
        statement.setLong(1, refreshId);
        statement.setInt(2, split.split());
        statement.setString(3, split.name());
        statement.setString(4, split.spec());
        statement.setLong(5, split.rowsPlanned());
        statement.setLong(6, split.bytesPlanned());
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  /** A split as it was planned. */
  public PlannedSplit read(Connection home, int split) throws SQLException {
    try (var statement = home.prepareStatement(READ)) {
      statement.setLong(1, refreshId);
      statement.setInt(2, split);
      try (var row = statement.executeQuery()) {
        if (!row.next()) {
          throw new SQLException("split " + split + " of refresh " + refreshId + " is gone");
        }
        return new PlannedSplit(
            row.getInt("split"),
            row.getString("name"),
            row.getString("spec"),
            row.getLong("rows_planned"),
            row.getLong("bytes_planned"));
      }
    }
  }

  /** Takes free splits, the first ones; parameters as in {@link RefreshProgressTable#claim}. */
  public List<Claim> claim(Connection home, String executor, int snapshot, int limit)
      throws SQLException {
    return owned.claim(home, executor, snapshot, limit);
  }

  /** As {@link RefreshProgressTable#retake}. */
  public Optional<Claim> retake(Connection home, Claim claim) throws SQLException {
    return owned.retake(home, claim);
  }

  /** As {@link RefreshProgressTable#owns}. */
  public boolean owns(Connection home, Claim claim) throws SQLException {
    return owned.owns(home, claim);
  }

  /**
   * Writes a checkpoint in the caller's transaction, before the rows that it is about: its row's
   * lock makes a new owner wait for the commit.
   *
   * @return false: fenced, nothing may be committed
   */
  public boolean checkpoint(Connection home, Checkpoint checkpoint) throws SQLException {
    try (var statement = home.prepareStatement(CHECKPOINT)) {
      statement.setString(1, checkpoint.position().orElse(null));
      statement.setBoolean(2, checkpoint.completed());
      statement.setLong(3, checkpoint.rows());
      statement.setLong(4, checkpoint.bytes());
      statement.setLong(5, checkpoint.epoch());
      statement.setLong(6, checkpoint.checkpoint());
      statement.setLong(7, refreshId);
      statement.setInt(8, checkpoint.claim().vnode());
      statement.setLong(9, checkpoint.claim().generation());
      return statement.executeUpdate() == 1;
    }
  }

  /** Gives a split back, so that anyone can claim it and go on from its position. */
  public void release(Connection home, Claim claim) throws SQLException {
    owned.release(home, claim);
  }

  /** As {@link RefreshProgressTable#setAside}. */
  public void setAside(Connection home, Claim claim, ErrorReport failure, boolean forGood)
      throws SQLException {
    owned.setAside(home, claim, failure, forGood);
  }

  /** Gives back all that this executor owns: it works on none of them. */
  public void releaseAll(Connection home, String executor) throws SQLException {
    owned.releaseAll(home, executor);
  }

  /** Whether there is a split to claim. */
  public boolean anyFree(Connection home) throws SQLException {
    return owned.anyFree(home);
  }
}
