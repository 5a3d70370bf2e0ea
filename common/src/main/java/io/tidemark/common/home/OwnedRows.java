package io.tidemark.common.home;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tidemark.common.bus.Json;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.common.refresh.RowCounts;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Rows of a refresh that executors own, work on and give back one by one: its VNodes, its splits.
 * Every write but the claim is fenced: it happens only {@code WHERE generation = mine}.
 */
final class OwnedRows {
  /**
   * Index: the primary key, then the row lock. Neighbours together, so that reads stay sequential.
   * Materialized, so that the limit holds: as a plain subquery it may be run once a row, and then
   * one lane takes all there is. The refresh's row is locked first, so that one that ends or moves
   * on to another snapshot at this moment is not claimed from. An executor that counts as lost gets
   * nothing: it could not keep it. What failed before comes last and alone, so that it takes no
   * other with it; what has lost one owner is not under suspicion yet, and must not wait.
   */
  private static final String CLAIM =
      """
      WITH r AS MATERIALIZED (
        SELECT id, snapshot, attempts
          FROM tidemark.refreshes
         WHERE id = ? AND state = 'REFRESHING' AND NOT paused AND snapshot = ? AND <ready>
           AND NOT EXISTS (SELECT FROM tidemark.lost_executors WHERE executor = ?)
           FOR SHARE),
      free AS MATERIALIZED (
        SELECT <number>
          FROM <table>
         WHERE refresh_id = (SELECT id FROM r) AND owner IS NULL AND NOT is_completed
           AND (tries = 0 OR tried_in < (SELECT attempts FROM r)
                OR (tries = 1 AND failure ->> 'code' = 'EXECUTOR_LOST'))
         ORDER BY <number>
         LIMIT ?
           FOR UPDATE SKIP LOCKED),
      failed AS MATERIALIZED (
        SELECT <number>
          FROM <table>
         WHERE refresh_id = (SELECT id FROM r) AND owner IS NULL AND NOT is_completed
           AND tries BETWEEN 1 AND ? AND tried_in = (SELECT attempts FROM r)
           AND NOT EXISTS (SELECT FROM free)
         ORDER BY <number>
         LIMIT 1
           FOR UPDATE SKIP LOCKED)
      UPDATE <table> p
         SET owner = ?, generation = generation + 1, stage = 'REFRESHING', snapshot = r.snapshot,
             claimed_at = clock_timestamp()
        FROM r, (SELECT <number> FROM free UNION ALL SELECT <number> FROM failed) AS taken
       WHERE p.refresh_id = r.id AND p.<number> = taken.<number>
      RETURNING <claim>
      """;

  /**
   * Waits for the row lock of a commit whose fate its connection did not tell, and fences whatever
   * of the former claim is still under way. Index: the primary key.
   */
  private static final String RETAKE =
      """
      UPDATE <table> p
         SET generation = generation + 1
       WHERE refresh_id = ? AND <number> = ? AND generation = ? AND NOT is_completed
      RETURNING <claim>
      """;

  /** A claim whose answer got lost, or one that could not be given back. Index: the primary key. */
  private static final String RELEASE_ALL =
      """
      UPDATE <table>
         SET owner = NULL, generation = generation + 1, stage = 'NORMAL'
       WHERE refresh_id = ? AND owner = ? AND NOT is_completed
      """;

  /** Index: the primary key. */
  private static final String FREE =
      """
      SELECT EXISTS (SELECT FROM <table> p
                       JOIN tidemark.refreshes r ON r.id = p.refresh_id
                      WHERE p.refresh_id = ? AND p.owner IS NULL AND NOT p.is_completed
                        AND (p.tries < ? OR p.tried_in < r.attempts) AND <ready>)
      """;

  /** Index: the primary key. */
  private static final String OWNS =
      """
      SELECT EXISTS (SELECT FROM <table>
                      WHERE refresh_id = ? AND <number> = ? AND generation = ? AND NOT is_completed)
      """;

  /** Index: the primary key. */
  private static final String SET_ASIDE =
      """
      UPDATE <table> p
         SET owner = NULL, generation = p.generation + 1, stage = 'NORMAL', failure = ?::jsonb,
             tries = CASE WHEN ? THEN ?
                          WHEN p.tried_in = r.attempts THEN p.tries + 1
                          ELSE 1 END,
             tried_in = r.attempts
        FROM tidemark.refreshes r
       WHERE r.id = p.refresh_id
         AND p.refresh_id = ? AND p.<number> = ? AND p.generation = ? AND NOT p.is_completed
      """;

  /** Index: the primary key. */
  private static final String RELEASE =
      """
      UPDATE <table>
         SET owner = NULL, generation = generation + 1, stage = 'NORMAL'
       WHERE refresh_id = ? AND <number> = ? AND generation = ? AND NOT is_completed
      """;

  private final long refreshId;
  private final Kind kind;

  OwnedRows(long refreshId, Kind kind) {
    this.refreshId = refreshId;
    this.kind = kind;
  }

  /** Which rows. */
  enum Kind {
    VNODE(
        "tidemark.refresh_progress",
        "vnode",
        "(NOT staged OR loaded_at IS NOT NULL)",
        """
        p.vnode AS number, p.generation, p.checkpoint, p.lower_bound, p.upper_bound, p.position,
                p.rows_read, p.rows_inserted, p.rows_updated, p.rows_deleted, p.bytes_read
        """),
    SPLIT(
        "tidemark.refresh_splits",
        "split",
        "loaded_at IS NULL",
        """
        p.split AS number, p.generation, p.checkpoint,
                NULL::text[] AS lower_bound, NULL::text[] AS upper_bound,
                CASE WHEN p.position IS NOT NULL THEN ARRAY[p.position] END AS position,
                p.rows_loaded AS rows_read, 0 AS rows_inserted, 0 AS rows_updated,
                0 AS rows_deleted, p.bytes_loaded AS bytes_read
        """);

    private final String claim;
    private final String retake;
    private final String releaseAll;
    private final String free;
    private final String owns;
    private final String setAside;
    private final String release;

    /**
     * @param ready when such rows may be worked on, as a condition on the refresh's row
     * @param returning what a claim is made of
     */
    Kind(String table, String number, String ready, String returning) {
      this.claim = of(CLAIM, table, number, ready, returning);
      this.retake = of(RETAKE, table, number, ready, returning);
      this.releaseAll = of(RELEASE_ALL, table, number, ready, returning);
      this.free = of(FREE, table, number, ready, returning);
      this.owns = of(OWNS, table, number, ready, returning);
      this.setAside = of(SET_ASIDE, table, number, ready, returning);
      this.release = of(RELEASE, table, number, ready, returning);
    }

    private static String of(
        String sql, String table, String number, String ready, String returning) {
      return sql.replace("<table>", table)
          .replace("<number>", number)
          .replace("<ready>", ready)
          .replace("<claim>", returning);
    }
  }

  List<Claim> claim(Connection home, String executor, int snapshot, int limit) throws SQLException {
    try (var statement = home.prepareStatement(kind.claim)) {
      statement.setLong(1, refreshId);
      statement.setInt(2, snapshot);
      statement.setString(3, executor);
      statement.setInt(4, limit);
      statement.setInt(5, RefreshProgressTable.MAX_TRIES - 1);
      statement.setString(6, executor);
      return claims(statement);
    }
  }

  Optional<Claim> retake(Connection home, Claim claim) throws SQLException {
    try (var statement = home.prepareStatement(kind.retake)) {
      statement.setLong(1, refreshId);
      statement.setInt(2, claim.vnode());
      statement.setLong(3, claim.generation());
      return claims(statement).stream().findFirst();
    }
  }

  boolean owns(Connection home, Claim claim) throws SQLException {
    try (var statement = home.prepareStatement(kind.owns)) {
      statement.setLong(1, refreshId);
      statement.setInt(2, claim.vnode());
      statement.setLong(3, claim.generation());
      try (var rows = statement.executeQuery()) {
        return rows.next() && rows.getBoolean(1);
      }
    }
  }

  void release(Connection home, Claim claim) throws SQLException {
    try (var statement = home.prepareStatement(kind.release)) {
      statement.setLong(1, refreshId);
      statement.setInt(2, claim.vnode());
      statement.setLong(3, claim.generation());
      statement.executeUpdate();
    }
  }

  void setAside(Connection home, Claim claim, ErrorReport failure, boolean forGood)
      throws SQLException {
    try (var statement = home.prepareStatement(kind.setAside)) {
      statement.setString(1, json(failure));
      statement.setBoolean(2, forGood);
      statement.setInt(3, RefreshProgressTable.MAX_TRIES);
      statement.setLong(4, refreshId);
      statement.setInt(5, claim.vnode());
      statement.setLong(6, claim.generation());
      statement.executeUpdate();
    }
  }

  void releaseAll(Connection home, String executor) throws SQLException {
    try (var statement = home.prepareStatement(kind.releaseAll)) {
      statement.setLong(1, refreshId);
      statement.setString(2, executor);
      statement.executeUpdate();
    }
  }

  boolean anyFree(Connection home) throws SQLException {
    try (var statement = home.prepareStatement(kind.free)) {
      statement.setLong(1, refreshId);
      statement.setInt(2, RefreshProgressTable.MAX_TRIES);
      try (var rows = statement.executeQuery()) {
        return rows.next() && rows.getBoolean(1);
      }
    }
  }

  static String json(Object value) {
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
                rows.getInt("number"),
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
