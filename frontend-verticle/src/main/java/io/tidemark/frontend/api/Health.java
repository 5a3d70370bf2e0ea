package io.tidemark.frontend.api;

import static io.tidemark.common.error.ErrorCode.HOME_UNREACHABLE;
import static io.tidemark.common.error.ErrorCode.NO_LEADER;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.frontend.problem.Problem;
import io.tidemark.frontend.problem.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import io.vertx.sqlclient.SqlClient;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Whether this node is well, and what it counts. */
public final class Health {
  private static final long READY_PATIENCE_SECONDS = 5;

  /** Index: leases' primary key. */
  private static final String LED =
      """
      SELECT EXISTS (SELECT FROM tidemark.leases
                      WHERE name = 'meta' AND expires_at > now()) AS led
      """;

  private static final Map<String, String> UP = Map.of("status", "UP");

  private final SqlClient home;
  private final PrometheusMeterRegistry meters;

  public Health(SqlClient home, PrometheusMeterRegistry meters) {
    this.home = home;
    this.meters = meters;
  }

  public void live(RoutingContext request) {
    Answer.json(request, Future.succeededFuture(UP));
  }

  /** Whether the home answers and somebody leads. */
  public void ready(RoutingContext request) {
    var led =
        home.preparedQuery(LED)
            .execute()
            .timeout(READY_PATIENCE_SECONDS, TimeUnit.SECONDS)
            .map(rows -> rows.iterator().next().getBoolean("led"))
            .recover(
                failure ->
                    Future.failedFuture(
                        unready("home", HOME_UNREACHABLE, "the home Postgres does not answer")));
    Answer.json(
        request,
        led.map(
            isLed -> {
              if (!isLed) {
                throw unready("leader", NO_LEADER, "no meta leads at the moment");
              }
              return UP;
            }));
  }

  public void metrics(RoutingContext request) {
    request
        .response()
        .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
        .end(meters.scrape());
  }

  private static ProblemException unready(String check, ErrorCode code, String message) {
    return new ProblemException(
        Problem.of(503, ErrorReport.of(code, message)).with("check", check));
  }
}
