package io.tidemark.meta;

import io.tidemark.common.bus.Command;
import io.tidemark.common.bus.CommandReply;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.meta.core.Lifecycle;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;

/** Carries out what a person asks of a refresh; answers when the result is durable. */
final class Commands {
  private static final int MAX_TRIES = 3;

  private static final String STATE =
      "SELECT state, paused FROM tidemark.refreshes WHERE id = $1::bigint";

  private final SqlClient home;
  private final LeaderWrites writes;
  private final Requests requests;

  Commands(SqlClient home, LeaderWrites writes, Requests requests) {
    this.home = home;
    this.writes = writes;
    this.requests = requests;
  }

  Future<CommandReply> handle(Command command) {
    return switch (command) {
      case Command.Request request -> requests.handle(request);
      case Command.Approve approve -> handle(approve, approve.refreshId(), MAX_TRIES);
      case Command.Reject reject -> handle(reject, reject.refreshId(), MAX_TRIES);
      case Command.Cancel cancel -> handle(cancel, cancel.refreshId(), MAX_TRIES);
      case Command.Pause pause -> handle(pause, pause.refreshId(), MAX_TRIES);
      case Command.Resume resume -> handle(resume, resume.refreshId(), MAX_TRIES);
    };
  }

  /** The state may change between the look and the write: then it looks again. */
  private Future<CommandReply> handle(Command command, long id, int tries) {
    return home.preparedQuery(STATE)
        .execute(Tuple.of(id))
        .compose(
            rows -> {
              if (rows.size() == 0) {
                return refused(ErrorReport.of(ErrorCode.NOT_FOUND, "there is no refresh " + id));
              }
              var row = rows.iterator().next();
              var state = RefreshState.valueOf(row.getString("state"));
              return switch (Lifecycle.answer(command, state, row.getBoolean("paused"))) {
                case Lifecycle.Answer.Go go -> written(go(id, go.to()), command, id, tries);
                case Lifecycle.Answer.Hold hold ->
                    written(writes.hold(id, hold.paused()), command, id, tries);
                case Lifecycle.Answer.Already already ->
                    Future.succeededFuture(new CommandReply.Done(id, false));
                case Lifecycle.Answer.Refuse refuse -> refused(refuse.error());
              };
            });
  }

  private Future<Boolean> go(long id, RefreshState to) {
    return to == RefreshState.FINISHING ? writes.approve(id) : writes.end(id, to);
  }

  private Future<CommandReply> written(Future<Boolean> write, Command command, long id, int tries) {
    return write.compose(
        changed -> {
          if (changed) {
            return Future.succeededFuture(new CommandReply.Done(id, false));
          }
          return tries > 1
              ? handle(command, id, tries - 1)
              : Future.succeededFuture(Requests.noLeader());
        });
  }

  private static Future<CommandReply> refused(ErrorReport error) {
    return Future.succeededFuture(new CommandReply.Refused(error, null));
  }
}
