package io.tidemark.meta;

import io.tidemark.common.config.TidemarkConfig.Retention;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what no refresh needs any more and what is older than the {@link Retention}: pages of the
 * change feed, VNodes and history beyond the newest, deltas of refreshes that ended without a
 * change of the target, tables of first loads that were given up, staging of all that ended. What a
 * refresh that can be resumed has found and staged stays.
 */
final class Janitor {
  private static final Logger LOG = LoggerFactory.getLogger(Janitor.class);

  private static final int MAX_TABLES_A_RUN = 100;

  /** Of a table, where it concerns VNodes or pages. */
  private static final int MAX_ROWS_A_RUN = 100;

  private static final int LOCK_TIMEOUT_MILLIS = 200;

  /**
   * $3: pages that stay of each table. From here on whoever asks for what was in the others is told
   * so; their tables are dropped afterwards. Index: refreshes_feed.
   */
  private static final String OLD_CHANGES =
      "WITH "
          + TermFence.LEADER
          + """
          , old AS (
            SELECT page.id
              FROM tidemark.tables t
             CROSS JOIN LATERAL (
                   SELECT r.id
                     FROM tidemark.refreshes r
                    WHERE r.table_name = t.name AND r.incarnation = t.incarnation
                      AND r.feed_last IS NOT NULL
                    ORDER BY r.feed_last DESC
                   OFFSET $3::int LIMIT %d) page),
          unlisted AS (
            UPDATE tidemark.refreshes r
               SET feed_last = NULL
              FROM old, tidemark.refreshes before, leader
             WHERE r.id = old.id AND before.id = old.id
            RETURNING r.table_name, before.feed_last)
          UPDATE tidemark.tables t
             SET feed_after = greatest(t.feed_after, u.last)
            FROM (SELECT table_name, max(feed_last) AS last FROM unlisted GROUP BY table_name) u
           WHERE t.name = u.table_name
          """
              .formatted(MAX_ROWS_A_RUN);

  /** $3: ended refreshes of each table that keep them. Index: refreshes_with_vnodes. */
  private static final String OLD_VNODES =
      "WITH "
          + TermFence.LEADER
          + """
          , old AS (
            SELECT ended.id
              FROM (SELECT DISTINCT table_name FROM tidemark.refreshes WHERE totals IS NULL) t
             CROSS JOIN LATERAL (
                   SELECT r.id
                     FROM tidemark.refreshes r
                    WHERE r.table_name = t.table_name AND r.totals IS NULL
                      AND r.state NOT IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING')
                    ORDER BY r.id DESC
                   OFFSET $3::int LIMIT %d) ended),
          summed AS (
            UPDATE tidemark.refreshes r
               SET totals = to_jsonb(s)
              FROM old, tidemark.refresh_totals s, leader
             WHERE r.id = old.id AND s.refresh_id = old.id
            RETURNING r.id),
          snapshots AS (
            DELETE FROM tidemark.refresh_snapshots p USING summed WHERE p.refresh_id = summed.id),
          splits AS (
            DELETE FROM tidemark.refresh_splits p USING summed WHERE p.refresh_id = summed.id)
          DELETE FROM tidemark.refresh_progress p USING summed WHERE p.refresh_id = summed.id
          """
              .formatted(MAX_ROWS_A_RUN);

  /**
   * $3: refreshes of each table that stay; and when it was last equal is always known. Index:
   * refreshes_by_table.
   */
  private static final String OLD_HISTORY =
      "WITH "
          + TermFence.LEADER
          + """
          , old AS (
            SELECT beyond.id
              FROM (SELECT DISTINCT table_name FROM tidemark.refreshes) t
             CROSS JOIN LATERAL (
                   SELECT r.id, r.state, r.feed_last
                     FROM tidemark.refreshes r
                    WHERE r.table_name = t.table_name
                    ORDER BY r.id DESC
                   OFFSET $3::int) beyond
             WHERE beyond.feed_last IS NULL
               AND beyond.state NOT IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING')
               AND (beyond.state <> 'SUCCEEDED'
                    OR EXISTS (SELECT 1 FROM tidemark.refreshes later
                                WHERE later.table_name = t.table_name AND later.id > beyond.id
                                  AND later.state = 'SUCCEEDED'))
             LIMIT %d)
          DELETE FROM tidemark.refreshes r USING old, leader WHERE r.id = old.id
          """
              .formatted(MAX_ROWS_A_RUN);

  private static final String SUPERFLUOUS =
      """
      WITH owned AS (
        SELECT c.relname::text AS relation, substring(c.relname FROM '[0-9]+$')::bigint AS refresh_id
          FROM pg_catalog.pg_class c
         WHERE c.relnamespace = 'tidemark'::regnamespace AND c.relkind = 'r'
           AND c.relname ~ '^(delta|load|staging)_[0-9]+$')
      SELECT o.relation, o.refresh_id
        FROM owned o
        LEFT JOIN tidemark.refreshes r ON r.id = o.refresh_id
       WHERE CASE
               WHEN r.id IS NULL THEN true
               WHEN r.state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING') THEN false
               WHEN NOT EXISTS (SELECT 1 FROM tidemark.tables t
                                 WHERE t.name = r.table_name AND t.incarnation = r.incarnation) THEN true
               WHEN r.feed_last IS NOT NULL THEN o.relation LIKE 'staging%%'
               WHEN r.state = 'FAILED' THEN NOT tidemark.is_resumable(r)
                 OR EXISTS (SELECT 1 FROM tidemark.refreshes newer
                             WHERE newer.table_name = r.table_name AND newer.id > r.id)
               ELSE true
             END
       ORDER BY o.refresh_id
       LIMIT %d
      """
          .formatted(MAX_TABLES_A_RUN);

  /** What is staged no more needs no mark that it is whole. Index: the primary key. */
  private static final String UNMARK =
      """
      DELETE FROM tidemark.staging_marks WHERE refresh_id = $2::bigint AND $1::text LIKE 'staging%'
      """;

  /** The row lock keeps a request from resuming it meanwhile; none: it is gone. */
  private static final String STILL_ENDED =
      "WITH "
          + TermFence.LEADER
          + """
          SELECT (SELECT count(*) FROM leader) AS led,
                 coalesce((SELECT state FROM tidemark.refreshes WHERE id = $3::bigint FOR UPDATE),
                          'GONE') AS state
          """;

  private final Pool home;
  private final String holder;
  private final long term;
  private final Retention retention;

  Janitor(Pool home, String holder, long term, Retention retention) {
    this.home = home;
    this.holder = holder;
    this.term = term;
    this.retention = retention;
  }

  private record Superfluous(String relation, long refreshId) {}

  /** One run over all tables; what cannot be removed now is left for the next run. */
  Future<Void> run() {
    return forget(OLD_CHANGES, retention.changes())
        .compose(done -> forget(OLD_VNODES, retention.vnodes()))
        .compose(done -> forget(OLD_HISTORY, retention.history()))
        .compose(done -> dropSuperfluous());
  }

  private Future<Void> forget(String old, int kept) {
    return home.preparedQuery(old)
        .execute(Tuple.of(holder, term, kept))
        .<Void>mapEmpty()
        .otherwise(
            error -> {
              LOG.atWarn().addKeyValue("error", error.getMessage()).log("not forgotten yet");
              return null;
            });
  }

  private Future<Void> dropSuperfluous() {
    return home.query(SUPERFLUOUS)
        .execute()
        .compose(
            rows -> {
              var found = new ArrayList<Superfluous>();
              rows.forEach(
                  row ->
                      found.add(
                          new Superfluous(row.getString("relation"), row.getLong("refresh_id"))));
              return dropAll(found);
            });
  }

  private Future<Void> dropAll(List<Superfluous> found) {
    Future<Void> all = Future.succeededFuture();
    for (var each : found) {
      all =
          all.compose(
              done ->
                  home.withTransaction(connection -> drop(connection, each))
                      .otherwise(
                          error -> {
                            LOG.atWarn()
                                .addKeyValue("relation", each.relation())
                                .addKeyValue("error", error.getMessage())
                                .log("not dropped yet");
                            return null;
                          }));
    }
    return all;
  }

  private Future<Void> drop(SqlClient connection, Superfluous each) {
    return connection
        .query(
            // Not every relation has a row type: that one is missing is no news.
            "SET LOCAL lock_timeout = "
                + LOCK_TIMEOUT_MILLIS
                + "; SET LOCAL client_min_messages = warning")
        .execute()
        .compose(
            set ->
                connection
                    .preparedQuery(STILL_ENDED)
                    .execute(Tuple.of(holder, term, each.refreshId())))
        .compose(
            rows -> {
              var row = rows.iterator().next();
              var active = row.getString("state").matches("REFRESHING|AWAITING_APPROVAL|FINISHING");
              if (row.getLong("led") == 0 || active) {
                return Future.succeededFuture();
              }
              // Names of our own making: digits and lower case.
              return connection
                  .query("DROP TABLE IF EXISTS tidemark." + each.relation())
                  .execute()
                  .compose(
                      dropped ->
                          connection
                              .query("DROP TYPE IF EXISTS tidemark." + each.relation() + "_row")
                              .execute())
                  .compose(
                      dropped ->
                          connection
                              .preparedQuery(UNMARK)
                              .execute(Tuple.of(each.relation(), each.refreshId())))
                  .mapEmpty();
            });
  }
}
