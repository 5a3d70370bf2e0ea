package io.tidemark.frontend.changes;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.TableStore;
import io.tidemark.frontend.api.Parameters;
import io.tidemark.frontend.problem.Problem;
import io.tidemark.frontend.problem.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What refreshes of a table changed. */
public final class ChangeOperations {
  private static final long FROM_OLDEST = -1;
  private static final int DEFAULT_LIMIT = 10_000;
  private static final int MAX_STREAMS = 64;
  private static final long FIND_PATIENCE_SECONDS = 30;

  private final TableStore tables;
  private final ChangeFeed feed;
  private int streams;

  public ChangeOperations(TableStore tables, ChangeFeed feed) {
    this.tables = tables;
    this.feed = feed;
  }

  /** Streams changes. A client that reconnects to an event stream tells in a header where it is. */
  public void list(RoutingContext request) {
    if (streams >= MAX_STREAMS) {
      request.fail(new ProblemException(full()));
      return;
    }
    streams++;
    var table = Parameters.tableName(request);
    var after = Parameters.query(request, "after").getLong(FROM_OLDEST);
    var limit = Parameters.query(request, "limit").getInteger(DEFAULT_LIMIT);
    var form = form(request.request().getHeader(HttpHeaders.ACCEPT));
    var response = new ChangeResponse(request.response(), form);
    var from =
        form == ChangeResponse.Form.EVENTS
            ? Math.max(after, lastEventId(request.request().getHeader("Last-Event-ID")))
            : after;
    tables
        .find(table)
        .timeout(FIND_PATIENCE_SECONDS, TimeUnit.SECONDS)
        .compose(
            found ->
                found.isPresent()
                    ? feed.read(table, from, limit, response)
                    : Future.failedFuture(
                        new TidemarkException(ErrorCode.NOT_FOUND, "there is no table " + table)))
        .onComplete(done -> streams--)
        .onSuccess(done -> response.end())
        .onFailure(request::fail);
  }

  private static ChangeResponse.Form form(@Nullable String accept) {
    return accept != null && accept.contains("text/event-stream")
        ? ChangeResponse.Form.EVENTS
        : ChangeResponse.Form.NDJSON;
  }

  private static long lastEventId(@Nullable String header) {
    return header != null && header.matches("\\d{1,18}") ? Long.parseLong(header) : FROM_OLDEST;
  }

  private static Problem full() {
    return Problem.of(
        503,
        ErrorReport.of(
                ErrorCode.ILLEGAL_STATE, "as many clients read changes as this frontend takes")
            .withHint("Try again in a few seconds."));
  }
}
