package io.tidemark.meta;

import io.tidemark.common.bus.Command;
import io.tidemark.common.bus.CommandReply;
import io.tidemark.common.config.ConfigReader;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.refresh.Visibility;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;

/**
 * Starts refreshes: goes on with the table's last one where that FAILED and can be resumed, else
 * one INSERT, which the index on active refreshes allows or not.
 */
final class Requests {
  private static final String UNIQUE_VIOLATION = "23505";

  private static final String DEFINITION =
      "SELECT definition::text AS definition FROM tidemark.tables WHERE name = $1::text";

  /** What was found before TARGET_CHANGED no longer fits the target: that one starts anew. */
  static final String RESUMABLE =
      "r.state = 'FAILED' AND (r.error->>'retryable')::boolean"
          + " AND r.error->>'code' <> 'TARGET_CHANGED'";

  /** A dry run that was approved is not reopened by another one: it would be applied. */
  private static final String REOPEN =
      "WITH "
          + LeaderWrites.LEADER
          + """
          , changed AS (
            UPDATE tidemark.refreshes r
               SET state = 'REFRESHING', term = leader.term, attempts = attempts + 1, error = NULL,
                   guard = NULL, finished_at = NULL, worked = '0', paused = false,
                   merging_since = CASE WHEN r.plan IS NULL THEN NULL ELSE clock_timestamp() END,
                   merging_rows = (SELECT coalesce(sum(rows_read), 0) FROM tidemark.refresh_progress
                                    WHERE refresh_id = r.id),
                   vnodes_skipped = (SELECT count(*) FROM tidemark.refresh_progress
                                      WHERE refresh_id = r.id AND is_completed)
              FROM leader, tidemark.tables t
             WHERE r.id = (SELECT max(id) FROM tidemark.refreshes WHERE table_name = $3::text)
               AND t.name = r.table_name AND t.definition = r.definition
               AND r.dry_run = $4::boolean AND NOT (r.dry_run AND r.approved) AND
          """
          + RESUMABLE
          + """

            RETURNING r.id, r.plan IS NOT NULL AS planned, r.vnodes_skipped),
          recorded AS (
            INSERT INTO tidemark.refresh_recoveries
                   (refresh_id, cause, executor, stage, vnodes_completed, vnodes_released)
            SELECT id, 'RESUMED_AFTER_FAILURE', NULL,
                   CASE WHEN planned THEN 'MERGING' ELSE 'NORMAL' END, vnodes_skipped, 0
              FROM changed)
          SELECT (SELECT count(*) FROM leader) AS led, (SELECT id FROM changed) AS id
          """;

  private static final String INSERT =
      "WITH "
          + LeaderWrites.LEADER
          + """
          , changed AS (
            INSERT INTO tidemark.refreshes
                   (table_name, trigger, dry_run, visibility, definition, term)
            SELECT t.name, $4::text, $5::boolean, $6::text, t.definition, leader.term
              FROM leader, tidemark.tables t
             WHERE t.name = $3::text
            RETURNING id)
          SELECT (SELECT count(*) FROM leader) AS led, (SELECT id FROM changed) AS id
          """;

  private static final String ACTIVE =
      """
      SELECT id, state
        FROM tidemark.refreshes
       WHERE table_name = $1::text AND state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING')
      """;

  private final SqlClient home;
  private final String holder;
  private final long term;

  Requests(SqlClient home, String holder, long term) {
    this.home = home;
    this.holder = holder;
    this.term = term;
  }

  Future<CommandReply> handle(Command.Request request) {
    return definition(request.table())
        .compose(
            found ->
                found.isEmpty()
                    ? Future.succeededFuture(unknown(request.table()))
                    : start(request, found.get()))
        .recover(
            error ->
                error instanceof PgException violated
                        && UNIQUE_VIOLATION.equals(violated.getSqlState())
                    ? running(request.table())
                    : Future.failedFuture(error));
  }

  private Future<CommandReply> start(Command.Request request, String definition) {
    return home.preparedQuery(REOPEN)
        .execute(Tuple.of(holder, term, request.table(), request.dryRun()))
        .map(rows -> rows.iterator().next())
        .compose(
            row -> {
              if (row.getLong("led") == 0) {
                return Future.succeededFuture(noLeader());
              }
              var id = row.getLong("id");
              return id == null
                  ? insert(request, definition)
                  : Future.succeededFuture(new CommandReply.Done(id, true));
            });
  }

  private Future<CommandReply> insert(Command.Request request, String definition) {
    var visibility =
        // What a dry run finds must not reach the target chunk by chunk.
        request.dryRun()
            ? Visibility.ATOMIC
            : ConfigReader.readTable("table " + request.table(), definition).visibility();
    return home.preparedQuery(INSERT)
        .execute(
            Tuple.of(
                holder,
                term,
                request.table(),
                request.trigger().name(),
                request.dryRun(),
                visibility.name()))
        .map(rows -> inserted(request, rows.iterator().next()));
  }

  private static CommandReply inserted(Command.Request request, Row row) {
    if (row.getLong("led") == 0) {
      return noLeader();
    }
    var id = row.getLong("id");
    return id == null ? unknown(request.table()) : new CommandReply.Done(id, false);
  }

  private Future<Optional<String>> definition(String table) {
    return home.preparedQuery(DEFINITION)
        .execute(Tuple.of(table))
        .map(
            rows ->
                rows.size() == 0
                    ? Optional.empty()
                    : Optional.of(rows.iterator().next().getString("definition")));
  }

  private Future<CommandReply> running(String table) {
    return home.preparedQuery(ACTIVE)
        .execute(Tuple.of(table))
        .map(
            rows -> {
              if (rows.size() == 0) {
                return new CommandReply.Refused(
                    ErrorReport.of(
                        ErrorCode.ALREADY_REFRESHING,
                        "table " + table + " was refreshing and has just ended; ask again"),
                    null);
              }
              var row = rows.iterator().next();
              var id = row.getLong("id");
              var waits = row.getString("state").equals("AWAITING_APPROVAL");
              var error =
                  ErrorReport.of(
                      ErrorCode.ALREADY_REFRESHING,
                      "table %s is already refreshing (id %d)%s"
                          .formatted(table, id, waits ? " and awaits approval" : ""));
              return new CommandReply.Refused(
                  waits ? error.withHint("Approve or reject refresh " + id + " first.") : error,
                  id);
            });
  }

  private static CommandReply unknown(String table) {
    return new CommandReply.Refused(
        ErrorReport.of(ErrorCode.NOT_FOUND, "there is no table " + table), null);
  }

  static CommandReply noLeader() {
    return new CommandReply.Refused(
        ErrorReport.of(ErrorCode.NO_LEADER, "this node does not lead any more"), null);
  }
}
