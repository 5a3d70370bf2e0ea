package io.tidemark.frontend.api;

import static io.tidemark.common.error.ErrorCode.HOME_UNREACHABLE;
import static io.tidemark.common.error.ErrorCode.NO_LEADER;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.common.bus.ExecutorList;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.frontend.problem.Problem;
import io.tidemark.frontend.problem.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import io.vertx.sqlclient.SqlClient;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What this node and its fellows are at. */
public final class NodeOperations {
  private static final long READY_PATIENCE_SECONDS = 5;

  /** Index: leases' primary key. */
  private static final String LED =
      """
      SELECT EXISTS (SELECT FROM tidemark.leases
                      WHERE name = 'meta' AND expires_at > now()) AS led
      """;

  private static final Map<String, String> UP = Map.of("status", "UP");

  private final SqlClient home;
  private final Leader leader;
  private final PrometheusMeterRegistry meters;
  private final Buffer contract;

  /**
   * @param contract openapi.yaml
   */
  public NodeOperations(
      SqlClient home, Leader leader, PrometheusMeterRegistry meters, Buffer contract) {
    this.home = home;
    this.leader = leader;
    this.meters = meters;
    this.contract = contract;
  }

  public void executors(RoutingContext request) {
    Answer.json(request, leader.executors().map(ExecutorList::executors));
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

  public void contract(RoutingContext request) {
    request.response().putHeader(HttpHeaders.CONTENT_TYPE, "application/yaml").end(contract);
  }

  private static ProblemException unready(String check, ErrorCode code, String message) {
    return new ProblemException(
        Problem.of(503, ErrorReport.of(code, message)).with("check", check));
  }
}
