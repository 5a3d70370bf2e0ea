package io.tidemark.common.home;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tidemark.common.bus.Json;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.refresh.RefreshStage;
import io.tidemark.common.refresh.RowCounts;
import java.io.UncheckedIOException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
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

  /**
   * Index: the primary key, then the row lock. Neighbours together, so that reads stay sequential.
   * Materialized, so that the limit holds: as a plain subquery it may be run once a row, and then
   * one lane takes all there is. The refresh's row is locked first, so that one that ends or moves
   * on to another snapshot at this moment is not claimed from. An executor that counts as lost gets
   * nothing: it could not keep it. What failed before comes last and alone, so that it takes no
   * other with it.
   */
  private static final String CLAIM =
      """
      WITH r AS MATERIALIZED (
        SELECT id, snapshot, attempts
          FROM tidemark.refreshes
         WHERE id = ? AND state = 'REFRESHING' AND NOT paused AND snapshot = ?
           AND NOT EXISTS (SELECT FROM tidemark.lost_executors WHERE executor = ?)
           FOR SHARE),
      free AS MATERIALIZED (
        SELECT vnode
          FROM tidemark.refresh_progress
         WHERE refresh_id = (SELECT id FROM r) AND owner IS NULL AND NOT is_completed
           AND (tries = 0 OR tried_in < (SELECT attempts FROM r))
         ORDER BY vnode
         LIMIT ?
           FOR UPDATE SKIP LOCKED),
      failed AS MATERIALIZED (
        SELECT vnode
          FROM tidemark.refresh_progress
         WHERE refresh_id = (SELECT id FROM r) AND owner IS NULL AND NOT is_completed
           AND tries BETWEEN 1 AND ? AND tried_in = (SELECT attempts FROM r)
           AND NOT EXISTS (SELECT FROM free)
         ORDER BY vnode
         LIMIT 1
           FOR UPDATE SKIP LOCKED)
      UPDATE tidemark.refresh_progress p
         SET owner = ?, generation = generation + 1, stage = 'REFRESHING', snapshot = r.snapshot,
             claimed_at = clock_timestamp()
        FROM r, (SELECT vnode FROM free UNION ALL SELECT vnode FROM failed) AS taken
       WHERE p.refresh_id = r.id AND p.vnode = taken.vnode
      RETURNING p.vnode, p.generation, p.checkpoint, p.lower_bound, p.upper_bound, p.position,
                p.rows_read, p.rows_inserted, p.rows_updated, p.rows_deleted, p.bytes_read
      """;

  /**
   * Waits for the row lock of a commit whose fate its connection did not tell, and fences whatever
   * of the former claim is still under way. Index: the primary key.
   */
  private static final String RETAKE =
      """
      UPDATE tidemark.refresh_progress
         SET generation = generation + 1
       WHERE refresh_id = ? AND vnode = ? AND generation = ? AND NOT is_completed
      RETURNING vnode, generation, checkpoint, lower_bound, upper_bound, position,
                rows_read, rows_inserted, rows_updated, rows_deleted, bytes_read
      """;

  /** A claim whose answer got lost, or one that could not be given back. Index: the primary key. */
  private static final String RELEASE_ALL =
      """
      UPDATE tidemark.refresh_progress
         SET owner = NULL, generation = generation + 1, stage = 'NORMAL'
       WHERE refresh_id = ? AND owner = ? AND NOT is_completed
      """;

  private static final String FREE =
      """
      SELECT EXISTS (SELECT FROM tidemark.refresh_progress p
                       JOIN tidemark.refreshes r ON r.id = p.refresh_id
                      WHERE p.refresh_id = ? AND p.owner IS NULL AND NOT p.is_completed
                        AND (p.tries < ? OR p.tried_in < r.attempts))
      """;

  /** Index: the primary key. */
  private static final String SET_ASIDE =
      """
      UPDATE tidemark.refresh_progress p
         SET owner = NULL, generation = p.generation + 1, stage = 'NORMAL', failure = ?::jsonb,
             tries = CASE WHEN ? THEN ?
                          WHEN p.tried_in = r.attempts THEN p.tries + 1
                          ELSE 1 END,
             tried_in = r.attempts
        FROM tidemark.refreshes r
       WHERE r.id = p.refresh_id
         AND p.refresh_id = ? AND p.vnode = ? AND p.generation = ? AND NOT p.is_completed
      """;

  private static final String RELEASE =
      """
      UPDATE tidemark.refresh_progress
         SET owner = NULL, generation = generation + 1, stage = 'NORMAL'
       WHERE refresh_id = ? AND vnode = ? AND generation = ? AND NOT is_completed
      """;

  private static final String INSERT =
      """
      INSERT INTO tidemark.refresh_progress (refresh_id, vnode, lower_bound, upper_bound, rows_planned)
      VALUES (?, ?, ?, ?, ?)
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

  public RefreshProgressTable(long refreshId) {
    this.refreshId = refreshId;
  }

  /**
   * A VNode that its owner may work on.
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
    try (var statement = home.prepareStatement(CLAIM)) {
      statement.setLong(1, refreshId);
      statement.setInt(2, snapshot);
      statement.setString(3, executor);
      statement.setInt(4, limit);
      statement.setInt(5, MAX_TRIES - 1);
      statement.setString(6, executor);
      return claims(statement);
    }
  }

  /**
   * The VNode as it stands, claimed anew: nothing that the claim given wrote can become durable
   * after it.
   *
   * @return empty where it has another owner by now, or is completed
   */
  public Optional<Claim> retake(Connection home, Claim claim) throws SQLException {
    try (var statement = home.prepareStatement(RETAKE)) {
      statement.setLong(1, refreshId);
      statement.setInt(2, claim.vnode());
      statement.setLong(3, claim.generation());
      return claims(statement).stream().findFirst();
    }
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
    try (var statement = home.prepareStatement(RELEASE)) {
      statement.setLong(1, refreshId);
      statement.setInt(2, claim.vnode());
      statement.setLong(3, claim.generation());
      statement.executeUpdate();
    }
  }

  /**
   * Gives a VNode back that cannot be merged, with the reason. After {@link #MAX_TRIES} such tries
   * in a row nobody claims it any more in this attempt of the refresh.
   *
   * @param forGood trying again is no use: this try counts as the last
   */
  public void setAside(Connection home, Claim claim, ErrorReport failure, boolean forGood)
      throws SQLException {
    try (var statement = home.prepareStatement(SET_ASIDE)) {
      statement.setString(1, text(failure));
      statement.setBoolean(2, forGood);
      statement.setInt(3, MAX_TRIES);
      statement.setLong(4, refreshId);
      statement.setInt(5, claim.vnode());
      statement.setLong(6, claim.generation());
      statement.executeUpdate();
    }
  }

  /** Gives back all that this executor owns: it works on none of them. */
  public void releaseAll(Connection home, String executor) throws SQLException {
    try (var statement = home.prepareStatement(RELEASE_ALL)) {
      statement.setLong(1, refreshId);
      statement.setString(2, executor);
      statement.executeUpdate();
    }
  }

  /** Whether there is a VNode to claim. */
  public boolean anyFree(Connection home) throws SQLException {
    try (var statement = home.prepareStatement(FREE)) {
      statement.setLong(1, refreshId);
      statement.setInt(2, MAX_TRIES);
      try (var rows = statement.executeQuery()) {
        return rows.next() && rows.getBoolean(1);
      }
    }
  }

  /** Adds the plan's VNodes, in one exchange with the server. */
  public void insert(Connection home, List<VNodeRange> vnodes) throws SQLException {
    try (var statement = home.prepareStatement(INSERT)) {
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
    return text(checkpoints);
  }

  private static String text(Object value) {
    try {
      return Json.MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Claim> claims(PreparedStatement statement) throws SQLException {
    var claims = new ArrayList<Claim>();
    try (var rows = statement.executeQuery()) {
      while (rows.next()) {
        claims.add(
            new Claim(
                rows.getInt("vnode"),
                rows.getLong("generation"),
                rows.getLong("checkpoint"),
                key(rows, "lower_bound"),
                key(rows, "upper_bound"),
                key(rows, "position"),
                new RowCounts(
                    rows.getLong("rows_read"),
                    rows.getLong("rows_inserted"),
                    rows.getLong("rows_updated"),
                    rows.getLong("rows_deleted")),
                rows.getLong("bytes_read")));
      }
    }
    claims.sort(Comparator.comparingInt(Claim::vnode));
    return claims;
  }

  private static Optional<List<String>> key(ResultSet row, String column) throws SQLException {
    var array = row.getArray(column);
    return array == null
        ? Optional.empty()
        : Optional.of(Arrays.asList((String[]) array.getArray()));
  }
}
