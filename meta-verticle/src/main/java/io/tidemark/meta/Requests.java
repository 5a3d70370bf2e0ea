package io.tidemark.meta;

import io.tidemark.common.bus.Command;
import io.tidemark.common.bus.CommandReply;
import io.tidemark.common.config.ConfigReader;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.refresh.Visibility;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;

/**
 * Starts refreshes: goes on with the table's last one where that FAILED and can be resumed, else
 * one INSERT, which the index on active refreshes allows or not.
 */
final class Requests {
  private static final String DEFINITION =
      "SELECT definition::text AS definition FROM tidemark.tables WHERE name = $1::text";

  /** The rule itself stands in the home, where SQL follows it too. */
  private static final String BEGIN =
      "WITH "
          + TermFence.LEADER
          + """
          SELECT (SELECT count(*) FROM leader) AS led,
                 begun.refresh_id, begun.resumed, begun.running_id, begun.running_table,
                 (SELECT state FROM tidemark.refreshes WHERE id = begun.running_id) AS running_state
            FROM (VALUES (1)) AS one
            LEFT JOIN LATERAL (
                 SELECT b.*
                   FROM leader,
                        tidemark.begin_refresh($3::text, $4::boolean, $5::boolean, $6::text,
                                               $7::text, leader.term) b) begun ON true
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
                    : begin(request, found.get()));
  }

  private Future<CommandReply> begin(Command.Request request, String definition) {
    var visibility =
        // What a dry run finds must not reach the target chunk by chunk.
        request.dryRun()
            ? Visibility.ATOMIC
            : ConfigReader.readTable("table " + request.table(), definition).visibility();
    return home.preparedQuery(BEGIN)
        .execute(
            Tuple.of(
                holder,
                term,
                request.table(),
                request.dryRun(),
                request.full(),
                request.trigger().name(),
                visibility.name()))
        .map(rows -> begun(request.table(), rows.iterator().next()));
  }

  private static CommandReply begun(String table, Row row) {
    if (row.getLong("led") == 0) {
      return noLeader();
    }
    var id = row.getLong("refresh_id");
    if (id != null) {
      return new CommandReply.Done(id, row.getBoolean("resumed"));
    }
    var inTheWay = row.getString("running_table");
    if (inTheWay == null) {
      return unknown(table);
    }
    return inTheWay.equals(table) ? running(table, row) : targetBusy(table, inTheWay, row);
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

  private static CommandReply running(String table, Row row) {
    var id = row.getLong("running_id");
    if (id == null) {
      return new CommandReply.Refused(
          ErrorReport.of(
              ErrorCode.ALREADY_REFRESHING,
              "table " + table + " was refreshing and has just ended; ask again"),
          null);
    }
    var waits = "AWAITING_APPROVAL".equals(row.getString("running_state"));
    var error =
        ErrorReport.of(
            ErrorCode.ALREADY_REFRESHING,
            "table %s is already refreshing (id %d)%s"
                .formatted(table, id, waits ? " and awaits approval" : ""));
    return new CommandReply.Refused(
        waits ? error.withHint("Approve or reject refresh " + id + " first.") : error, id);
  }

  /** The other table has got another target since its refresh began. */
  private static CommandReply targetBusy(String table, String other, Row row) {
    return new CommandReply.Refused(
        ErrorReport.of(
            ErrorCode.ALREADY_REFRESHING,
            "table %s: refresh %d of table %s began with the same target and has not ended"
                .formatted(table, row.getLong("running_id"), other)),
        null);
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
