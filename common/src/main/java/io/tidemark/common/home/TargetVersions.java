package io.tidemark.common.home;

import io.tidemark.common.refresh.Unchanged;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Table {@code tidemark.target_versions}: which version of its source a target holds, and the end
 * of a refresh that need not read it again. {@link RefreshWork#storePlan} and {@code
 * tidemark.begin_refresh} take a row away before its target can be written to.
 */
public final class TargetVersions {
  /** Whoever holds it keeps the refresh as it is until the caller's transaction ends. */
  private static final String HOLD =
      """
      SELECT FROM tidemark.refreshes
       WHERE id = ? AND work_generation = ? AND state = 'REFRESHING' AND plan IS NULL
         FOR UPDATE
      """;

  /**
   * The target is the very table that was written then, and neither truncated nor rewritten since;
   * an unlogged one may have been emptied by a crash. Index: the primary keys.
   */
  private static final String SINCE =
      """
      SELECT v.refresh_id, v.has_rows
        FROM tidemark.refreshes r
        JOIN tidemark.target_versions v
          ON v.target = r.target AND v.table_name = r.table_name
             AND v.incarnation = r.incarnation
             AND v.substance = tidemark.substance(r.definition)
        JOIN pg_catalog.pg_class c
          ON c.oid = v.relation AND c.relfilenode = v.file AND c.relkind = 'r'
             AND c.relpersistence = 'p'
       WHERE r.id = ? AND NOT r.full_read AND v.identity = ? AND v.reading = ?::jsonb
         AND c.oid = to_regclass(?)
      """;

  private static final String END =
      RefreshWork.GONE_ON
          + """
      UPDATE tidemark.refreshes
         SET state = 'SUCCEEDED', unchanged = ?::jsonb, plan = ?::jsonb, staged = true,
             started_at = coalesce(started_at, now()), finished_at = clock_timestamp(),
             loaded_at = clock_timestamp(), percent = 100, error = NULL, work_owner = NULL
       WHERE id = ? AND work_generation = ? AND state = 'REFRESHING' AND plan IS NULL
         AND NOT paused
      """;

  /** Only where nothing was left out, and where {@link #SINCE} could tell. Index: primary keys. */
  private static final String KEEP =
      """
      INSERT INTO tidemark.target_versions
             (target, table_name, incarnation, refresh_id, substance, identity, reading, relation,
              file, has_rows)
      SELECT r.target, r.table_name, r.incarnation, r.id, tidemark.substance(r.definition), ?,
             ?::jsonb, c.oid, c.relfilenode, t.rows_read > 0
        FROM tidemark.refreshes r
        JOIN tidemark.refresh_totals t ON t.refresh_id = r.id
        JOIN pg_catalog.pg_class c ON c.oid = to_regclass(?)
       WHERE r.id = ? AND r.state = 'SUCCEEDED' AND r.target IS NOT NULL
         AND r.staged AND r.loaded_at IS NOT NULL
         AND NOT r.skip_deletes AND r.rows_skipped = 0
         AND (r.load_report ->> 'quarantined')::bigint = 0
         AND (r.load_report ->> 'nullKeys')::bigint = 0
         AND (r.load_report ->> 'duplicates')::bigint = 0
         AND c.relkind = 'r' AND c.relpersistence = 'p' AND c.relfilenode <> 0
      """;

  private final long refreshId;
  private final QualifiedName target;

  /**
   * @param target that the refresh's plan writes to
   */
  public TargetVersions(long refreshId, QualifiedName target) {
    this.refreshId = refreshId;
    this.target = target;
  }

  /**
   * Which refresh read this version into the target as it is now; empty: that is not known. In the
   * caller's transaction, which keeps both refresh and target from changing.
   *
   * @param generation that the claim to plan holds
   * @param identity of the source's version
   * @param reading JSON: which columns are read, and how they are compared
   */
  public OptionalLong since(Connection home, long generation, String identity, String reading)
      throws SQLException {
    if (found(home, identity, reading).isEmpty()) {
      return OptionalLong.empty();
    }
    try (var statement = home.createStatement()) {
      // Whoever is about to truncate or drop it is waited for, and then seen.
      statement.execute("LOCK TABLE " + target.quoted() + " IN ACCESS SHARE MODE");
    }
    var hasRows = hasRows(home);
    // Last, so that the leader waits for none of that.
    return hold(home, generation)
        ? found(home, identity, reading)
            .filter(it -> it.hasRows() == hasRows)
            .map(it -> OptionalLong.of(it.refresh()))
            .orElse(OptionalLong.empty())
        : OptionalLong.empty();
  }

  private boolean hold(Connection home, long generation) throws SQLException {
    try (var statement = home.prepareStatement(HOLD)) {
      statement.setLong(1, refreshId);
      statement.setLong(2, generation);
      try (var rows = statement.executeQuery()) {
        return rows.next();
      }
    }
  }

  private record Found(long refresh, boolean hasRows) {}

  private Optional<Found> found(Connection home, String identity, String reading)
      throws SQLException {
    try (var statement = home.prepareStatement(SINCE)) {
      statement.setLong(1, refreshId);
      statement.setString(2, identity);
      statement.setString(3, reading);
      statement.setString(4, target.quoted());
      try (var rows = statement.executeQuery()) {
        return rows.next()
            ? Optional.of(new Found(rows.getLong(1), rows.getBoolean(2)))
            : Optional.empty();
      }
    }
  }

  private boolean hasRows(Connection home) throws SQLException {
    try (var statement = home.createStatement();
        var rows = statement.executeQuery("SELECT EXISTS (SELECT FROM " + target.quoted() + ")")) {
      rows.next();
      return rows.getBoolean(1);
    }
  }

  /**
   * Ends the refresh SUCCEEDED before anything is read, in the caller's transaction. False: fenced,
   * nothing may be committed.
   *
   * @param plan as it would be read, JSON: the next refresh compares its columns with these
   */
  public boolean end(Connection home, long generation, String plan, Unchanged why)
      throws SQLException {
    try (var statement = home.prepareStatement(END)) {
      statement.setLong(1, refreshId);
      statement.setString(2, OwnedRows.json(why));
      statement.setString(3, plan);
      statement.setLong(4, refreshId);
      statement.setLong(5, generation);
      return statement.executeUpdate() == 1;
    }
  }

  /**
   * The target holds this version now, in the transaction in which the refresh becomes SUCCEEDED;
   * nothing is kept where rows were left out.
   */
  public void keep(Connection home, String identity, String reading) throws SQLException {
    try (var statement = home.prepareStatement(KEEP)) {
      statement.setString(1, identity);
      statement.setString(2, reading);
      statement.setString(3, target.quoted());
      statement.setLong(4, refreshId);
      statement.executeUpdate();
    }
  }
}
