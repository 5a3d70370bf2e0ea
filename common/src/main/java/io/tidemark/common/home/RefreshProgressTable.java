package io.tidemark.common.home;

import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.refresh.RefreshStage;
import io.tidemark.common.refresh.RowCounts;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Table {@code tidemark.refresh_progress} as executors use it: claim, checkpoint, release. Every
 * write but the claim is fenced: it happens only {@code WHERE generation = mine}.
 */
public final class RefreshProgressTable {
  /**
   * Checkpoints of any number of VNodes; what comes back was written. $1: refresh, $2: JSON array
   * of {@link Checkpoint}. Index: the primary key. Touches no indexed column, so that updates stay
   * HOT.
   */
  public static final String CHECKPOINT =
      """
      UPDATE tidemark.refresh_progress p
         SET stage = c.stage,
             position = c.position,
             is_completed = c.completed,
             rows_read = c.rows_read,
             rows_inserted = c.rows_inserted,
             rows_updated = c.rows_updated,
             rows_deleted = c.rows_deleted,
             bytes_read = c.bytes_read,
             epoch = greatest(p.epoch, c.epoch),
             -- Claimed in one snapshot it may have been read in the next, where the first was lost.
             snapshot = c.snapshot,
             checkpoint = c.checkpoint,
             -- One that gets on is not the one that fails wherever it is claimed.
             tries = CASE WHEN p.position IS DISTINCT FROM c.position THEN 0 ELSE p.tries END,
             completed_at = CASE WHEN c.completed THEN clock_timestamp() END
        FROM jsonb_to_recordset(($2::text)::jsonb) AS c(
               vnode int, generation bigint, snapshot int, checkpoint bigint, epoch bigint, stage text,
               position text[], completed boolean, rows_read bigint, rows_inserted bigint,
               rows_updated bigint, rows_deleted bigint, bytes_read bigint)
       WHERE p.refresh_id = $1::bigint
         AND p.vnode = c.vnode
         AND p.generation = c.generation
         AND p.checkpoint < c.checkpoint
      RETURNING p.vnode
      """;

  private static final String INSERT =
      """
      INSERT INTO tidemark.refresh_progress (refresh_id, vnode, lower_bound, upper_bound, rows_planned)
      VALUES (?, ?, ?, ?, ?)
      """;

  private static final String ANY =
      "SELECT EXISTS (SELECT FROM tidemark.refresh_progress WHERE refresh_id = ?)";

  /** Index: the primary key. */
  private static final String ROWS_PLANNED =
      "SELECT rows_planned FROM tidemark.refresh_progress WHERE refresh_id = ? AND vnode = ?";

  /** Of a first load: its rows are in the new table already. */
  private static final String INSERT_LOADED =
      """
      INSERT INTO tidemark.refresh_progress
             (refresh_id, vnode, lower_bound, upper_bound, rows_planned, rows_read, rows_inserted,
              is_completed, stage, completed_at)
      SELECT refresh_id, vnode, lower_bound, upper_bound, rows, rows, rows,
             true, 'CLEANUP', clock_timestamp()
        FROM (VALUES (?, ?, ?::text[], ?::text[], ?))
             AS v(refresh_id, vnode, lower_bound, upper_bound, rows)
      """;

  /** So that how far it is does not change until it starts again. Index: the primary key. */
  private static final String LOCK =
      """
      SELECT vnode
        FROM tidemark.refresh_progress
       WHERE refresh_id = ?
       ORDER BY vnode
         FOR UPDATE
      """;

  /** What was shown once is never taken back. Indexes: the primary keys. */
  private static final String KEEP_PERCENT =
      """
      UPDATE tidemark.refreshes r
         SET percent = greatest(r.percent, t.percent)
        FROM tidemark.refresh_totals t
       WHERE r.id = ? AND t.refresh_id = r.id
      """;

  private static final String RESTART =
      """
      UPDATE tidemark.refresh_progress
         SET position = NULL, is_completed = false, owner = NULL, generation = generation + 1,
             stage = 'NORMAL', rows_read = 0, rows_deleted = 0, bytes_read = 0, completed_at = NULL,
             rows_inserted = CASE WHEN k.applied THEN rows_inserted ELSE 0 END,
             rows_updated = CASE WHEN k.applied THEN rows_updated ELSE 0 END
        FROM (VALUES (?)) AS k(applied)
       WHERE refresh_id = ?
      """;

  /** So often may a VNode fail in a row, wherever it is claimed, until it is left alone. */
  public static final int MAX_TRIES = 5;

  private final long refreshId;
  private final OwnedRows owned;

  public RefreshProgressTable(long refreshId) {
    this.refreshId = refreshId;
    this.owned = new OwnedRows(refreshId, OwnedRows.Kind.VNODE);
  }

  /**
   * A VNode that its owner may work on; or a split, whose number, position and counters stand here
   * in the same places.
   *
   * @param generation fences every write for it
   * @param checkpoint number of its last checkpoint
   * @param lower exclusive, as text by key column; empty: open-ended
   * @param upper inclusive, likewise
   * @param position the last key merged; empty: at its start
   * @param rows counted up to that position
   */
  public record Claim(
      int vnode,
      long generation,
      long checkpoint,
      Optional<List<String>> lower,
      Optional<List<String>> upper,
      Optional<List<String>> position,
      RowCounts rows,
      long bytesRead) {}

  /**
   * How far a VNode is. Counters are totals, not increments, so that a repeated write does no harm.
   *
   * @param snapshot number of the source snapshot that its last rows were read in
   * @param checkpoint rises with each checkpoint of the VNode; a late one never overwrites a newer
   */
  public record Checkpoint(
      int vnode,
      long generation,
      int snapshot,
      long checkpoint,
      long epoch,
      RefreshStage stage,
      @Nullable List<String> position,
      boolean completed,
      long rows_read,
      long rows_inserted,
      long rows_updated,
      long rows_deleted,
      long bytes_read) {

    public static Checkpoint of(
        Claim claim,
        int snapshot,
        long checkpoint,
        long epoch,
        Optional<List<String>> position,
        boolean completed,
        RowCounts rows,
        long bytesRead) {
      return new Checkpoint(
          claim.vnode(),
          claim.generation(),
          snapshot,
          checkpoint,
          epoch,
          completed ? RefreshStage.CLEANUP : RefreshStage.MERGING,
          position.orElse(null),
          completed,
          rows.read(),
          rows.inserted(),
          rows.updated(),
          rows.deleted(),
          bytesRead);
    }
  }

  /**
   * Takes free VNodes, neighbours first.
   *
   * @param snapshot number of the source snapshot that the executor reads; nothing is claimed where
   *     the refresh has moved on to another, is paused or has ended
   * @param limit how many at most
   */
  public List<Claim> claim(Connection home, String executor, int snapshot, int limit)
      throws SQLException {
    return owned.claim(home, executor, snapshot, limit);
  }

  /**
   * The VNode as it stands, claimed anew: nothing that the claim given wrote can become durable
   * after it.
   *
   * @return empty where it has another owner by now, or is completed
   */
  public Optional<Claim> retake(Connection home, Claim claim) throws SQLException {
    return owned.retake(home, claim);
  }

  /**
   * Whether a VNode is still its owner's. Fences nothing: it saves the work of who was taken for
   * lost and has not noticed.
   */
  public boolean owns(Connection home, Claim claim) throws SQLException {
    return owned.owns(home, claim);
  }

  /**
   * Writes checkpoints in the caller's transaction.
   *
   * @return the VNodes that were written; a VNode that is missing was fenced
   */
  public Set<Integer> checkpoint(Connection home, List<Checkpoint> checkpoints)
      throws SQLException {
    var written = new HashSet<Integer>();
    try (var statement =
        home.prepareStatement(
            // The parameters swap places: JDBC counts them in order of appearance.
            CHECKPOINT.replace("$2", "?").replace("$1", "?"))) {
      statement.setString(1, json(checkpoints));
      statement.setLong(2, refreshId);
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          written.add(rows.getInt(1));
        }
      }
    }
    return written;
  }

  /** Gives a VNode back, so that anyone can claim it and go on from its position. */
  public void release(Connection home, Claim claim) throws SQLException {
    owned.release(home, claim);
  }

  /**
   * Gives a VNode back that cannot be merged, with the reason. After {@link #MAX_TRIES} such tries
   * in a row nobody claims it any more in this attempt of the refresh.
   *
   * @param forGood trying again is no use: this try counts as the last
   */
  public void setAside(Connection home, Claim claim, ErrorReport failure, boolean forGood)
      throws SQLException {
    owned.setAside(home, claim, failure, forGood);
  }

  /** Gives back all that this executor owns: it works on none of them. */
  public void releaseAll(Connection home, String executor) throws SQLException {
    owned.releaseAll(home, executor);
  }

  /** Whether there is a VNode to claim. */
  public boolean anyFree(Connection home) throws SQLException {
    return owned.anyFree(home);
  }

  /** Adds the plan's VNodes, in one exchange with the server. */
  public void insert(Connection home, List<VNodeRange> vnodes) throws SQLException {
    insert(home, INSERT, vnodes);
  }

  /**
   * Likewise, of a first load that is loaded: each complete, with as many inserts as it has rows.
   */
  public void insertLoaded(Connection home, List<VNodeRange> vnodes) throws SQLException {
    insert(home, INSERT_LOADED, vnodes);
  }

  /** Whether the plan's VNodes are there. Index: the primary key. */
  public boolean any(Connection home) throws SQLException {
    try (var statement = home.prepareStatement(ANY)) {
      statement.setLong(1, refreshId);
      try (var rows = statement.executeQuery()) {
        return rows.next() && rows.getBoolean(1);
      }
    }
  }

  /** How many rows the claim's VNode is expected to hold. */
  public long rowsPlanned(Connection home, Claim claim) throws SQLException {
    try (var statement = home.prepareStatement(ROWS_PLANNED)) {
      statement.setLong(1, refreshId);
      statement.setInt(2, claim.vnode());
      try (var rows = statement.executeQuery()) {
        return rows.next() ? rows.getLong(1) : 0;
      }
    }
  }

  private void insert(Connection home, String sql, List<VNodeRange> vnodes) throws SQLException {
    try (var statement = home.prepareStatement(sql)) {
      for (var vnode : vnodes) {
        statement.setLong(1, refreshId);
        statement.setInt(2, vnode.vnode());
        statement.setArray(3, array(home, vnode.lower()));
        statement.setArray(4, array(home, vnode.upper()));
        statement.setLong(5, vnode.rowsPlanned());
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  private static @Nullable Array array(Connection home, @Nullable List<String> bound)
      throws SQLException {
    return bound == null ? null : home.createArrayOf("text", bound.toArray());
  }

  /**
   * Starts all VNodes again and fences whoever works on one. The refresh keeps the percentage that
   * it had until it has come as far again.
   *
   * @param applied inserts and updates are in the target and in the change feed already, so they
   *     stay counted
   */
  public void restart(Connection home, boolean applied) throws SQLException {
    execute(home, LOCK);
    execute(home, KEEP_PERCENT);
    try (var statement = home.prepareStatement(RESTART)) {
      statement.setBoolean(1, applied);
      statement.setLong(2, refreshId);
      statement.executeUpdate();
    }
  }

  private void execute(Connection home, String sql) throws SQLException {
    try (var statement = home.prepareStatement(sql)) {
      statement.setLong(1, refreshId);
      statement.execute();
    }
  }

  /** The JSON that {@link #CHECKPOINT} reads. */
  public static String json(List<Checkpoint> checkpoints) {
    return OwnedRows.json(checkpoints);
  }
}
