package io.tidemark.frontend.api;

import io.tidemark.common.bus.Command;
import io.tidemark.common.home.RefreshViews;
import io.tidemark.common.refresh.RefreshTrigger;
import io.tidemark.common.refresh.RefreshView;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.function.LongFunction;

/** Refreshes: what they are at, and what the leader shall do with them. */
public final class RefreshOperations {
  private static final int DEFAULT_LIMIT = 50;

  private final RefreshViews refreshes;
  private final Leader leader;

  public RefreshOperations(RefreshViews refreshes, Leader leader) {
    this.refreshes = refreshes;
    this.leader = leader;
  }

  public void list(RoutingContext request) {
    var table = Optional.ofNullable(Parameters.query(request, "table").getString());
    var limit = Parameters.query(request, "limit").getInteger(DEFAULT_LIMIT);
    Answer.json(request, refreshes.newest(table, limit));
  }

  public void show(RoutingContext request) {
    Answer.json(request, view(Parameters.refreshId(request)));
  }

  public void vnodes(RoutingContext request) {
    var id = Parameters.refreshId(request);
    Answer.json(request, view(id).compose(known -> refreshes.vnodes(id)));
  }

  /** Requests a refresh of a table. */
  public void request(RoutingContext request) {
    var dryRun = Parameters.query(request, "dryRun").getBoolean(false);
    var full = Parameters.query(request, "full").getBoolean(false);
    var command =
        new Command.Request(Parameters.tableName(request), dryRun, full, RefreshTrigger.MANUAL);
    Answer.reply(
        request,
        leader
            .command(command)
            .compose(done -> view(done.refreshId()))
            .map(
                view -> {
                  request
                      .response()
                      .putHeader(HttpHeaders.LOCATION, "/api/v1/refreshes/" + view.id());
                  return new Answer.Reply(202, view);
                }));
  }

  /** An operation that has the leader act on one refresh, and shows the refresh after it. */
  public Handler<RoutingContext> command(LongFunction<Command> command) {
    return request -> {
      var id = Parameters.refreshId(request);
      Answer.json(request, leader.command(command.apply(id)).compose(done -> view(id)));
    };
  }

  private Future<RefreshView> view(long id) {
    return refreshes.view(id).map(found -> Answer.found(found, "refresh " + id));
  }
}
