package io.tidemark.meta;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drops the tables of refreshes that need them no more: deltas of those that ended without a change
 * of the target, tables of first loads that were given up, and pages of the change feed beyond the
 * newest. What a refresh that can be resumed has found stays.
 */
final class Janitor {
  private static final Logger LOG = LoggerFactory.getLogger(Janitor.class);

  /** Pages of the change feed that stay, for each table. */
  private static final int MAX_FEED_PAGES = 64;

  private static final int MAX_TABLES_A_RUN = 100;
  private static final int LOCK_TIMEOUT_MILLIS = 200;

  private static final String SUPERFLUOUS =
      """
      WITH owned AS (
        SELECT c.relname::text AS relation, substring(c.relname FROM '[0-9]+$')::bigint AS refresh_id
          FROM pg_catalog.pg_class c
         WHERE c.relnamespace = 'tidemark'::regnamespace AND c.relkind = 'r'
           AND c.relname ~ '^(delta|load)_[0-9]+$'),
      pages AS (
        SELECT id, row_number() OVER (PARTITION BY table_name ORDER BY id DESC) AS age
          FROM tidemark.refreshes WHERE state = 'SUCCEEDED' AND feed)
      SELECT o.relation, o.refresh_id
        FROM owned o
        LEFT JOIN tidemark.refreshes r ON r.id = o.refresh_id
        LEFT JOIN pages ON pages.id = r.id
       WHERE CASE
               WHEN r.id IS NULL THEN true
               WHEN r.state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING') THEN false
               WHEN NOT EXISTS (SELECT 1 FROM tidemark.tables t
                                 WHERE t.name = r.table_name AND t.incarnation = r.incarnation) THEN true
               WHEN r.state = 'SUCCEEDED' THEN NOT r.feed OR pages.age > %d
               WHEN r.state = 'FAILED' THEN NOT tidemark.is_resumable(r)
                 OR EXISTS (SELECT 1 FROM tidemark.refreshes newer
                             WHERE newer.table_name = r.table_name AND newer.id > r.id)
               ELSE true
             END
       ORDER BY o.refresh_id
       LIMIT %d
      """
          .formatted(MAX_FEED_PAGES, MAX_TABLES_A_RUN);

  /** The row lock keeps a request from resuming it meanwhile; none: it is gone. */
  private static final String STILL_ENDED =
      "WITH "
          + LeaderWrites.LEADER
          + """
          SELECT (SELECT count(*) FROM leader) AS led,
                 coalesce((SELECT state FROM tidemark.refreshes WHERE id = $3::bigint FOR UPDATE),
                          'GONE') AS state
          """;

  private final Pool home;
  private final String holder;
  private final long term;

  Janitor(Pool home, String holder, long term) {
    this.home = home;
    this.holder = holder;
    this.term = term;
  }

  private record Superfluous(String relation, long refreshId) {}

  /** One run over all tables; one that cannot be dropped now is left for the next run. */
  Future<Void> run() {
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
        .query("SET LOCAL lock_timeout = " + LOCK_TIMEOUT_MILLIS)
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
                  .mapEmpty();
            });
  }
}
