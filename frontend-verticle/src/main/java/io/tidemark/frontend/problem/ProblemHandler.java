package io.tidemark.frontend.problem;

import static io.tidemark.common.error.ErrorCode.BUG;
import static io.tidemark.common.error.ErrorCode.CONFIG_INVALID;
import static io.tidemark.common.error.ErrorCode.HOME_FAILED;
import static io.tidemark.common.error.ErrorCode.HOME_UNREACHABLE;
import static io.tidemark.common.error.ErrorCode.NOT_FOUND;

import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.vertx.core.Handler;
import io.vertx.core.VertxException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import io.vertx.openapi.validation.ValidatorErrorType;
import io.vertx.openapi.validation.ValidatorException;
import io.vertx.sqlclient.DatabaseException;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers whatever went wrong with a problem, and never with a stack trace. */
public final class ProblemHandler implements Handler<RoutingContext> {
  private static final Logger LOG = LoggerFactory.getLogger(ProblemHandler.class);

  /** Statuses that the router sets by itself. */
  private static final List<Integer> ROUTER_STATUSES =
      List.of(400, 404, 405, 406, 413, 414, 415, 500);

  private static final String RETRY_AFTER_SECONDS = "2";
  private static final String SEE_CONTRACT = "See /openapi.yaml for what this server answers.";

  /** Makes it answer for everything that a router refuses or fails at. */
  public void install(Router router) {
    ROUTER_STATUSES.forEach(status -> router.errorHandler(status, this));
  }

  @Override
  public void handle(RoutingContext request) {
    var response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    if (response.headWritten()) {
      // Too late for a status: a cut connection is the only honest end of half an answer.
      LOG.atWarn()
          .addKeyValue("path", request.request().path())
          .setCause(request.failure())
          .log("response cut");
      request.request().connection().close();
      return;
    }
    send(request.request(), problem(request));
  }

  /** Answers what is not even HTTP enough to be routed. */
  public static void malformed(HttpServerRequest request) {
    send(
        request,
        Problem.of(
            400,
            ErrorReport.of(CONFIG_INVALID, "the request is not well-formed HTTP")
                .withHint(SEE_CONTRACT)));
    request.connection().close();
  }

  private static void send(HttpServerRequest request, Problem problem) {
    if (request.canUpgradeToWebSocket() && !request.isEnded()) {
      request.resume(); // it was kept for an upgrade that does not come
    }
    var response = request.response();
    response
        .setStatusCode(problem.status())
        .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE);
    if (problem.retrySoon()) {
      response.putHeader(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
    response.end(problem.body(Objects.requireNonNullElse(request.path(), "")).toString());
  }

  private static Problem problem(RoutingContext request) {
    var failure = request.failure();
    if (failure instanceof HttpException http && http.getCause() != null) {
      failure = http.getCause(); // the router's wrapping of what validation says
    }
    return failure == null
        ? refused(request.statusCode(), request.request())
        : failed(failure, request);
  }

  private static Problem failed(Throwable failure, RoutingContext request) {
    return switch (failure) {
      case ProblemException problem -> problem.problem();
      case TidemarkException known -> Problem.of(known.report());
      case ValidatorException invalid -> invalid(invalid);
      case DecodeException notJson ->
          Problem.of(
              400,
              ErrorReport.of(CONFIG_INVALID, "the body is not valid JSON")
                  .withHint("Send one JSON object."));
      case DatabaseException refused -> home(refused);
      case IOException lost -> unreachable();
      case TimeoutException late -> unreachable();
      // Of the pool: a connection was lost, its queue is full, or none came free in time.
      case VertxException busy -> unreachable();
      default ->
          request.statusCode() >= 400 && request.statusCode() < 500
              ? refused(request.statusCode(), request.request())
              : bug(failure, request);
    };
  }

  /** The home answered with an error: classes 08, 53 and 57 of its SQLSTATEs pass by themselves. */
  private static Problem home(DatabaseException refused) {
    var state = Objects.requireNonNullElse(refused.getSqlState(), "");
    if (state.startsWith("08") || state.startsWith("53") || state.startsWith("57")) {
      return unreachable();
    }
    LOG.atWarn().addKeyValue("sqlState", state).setCause(refused).log("home refused a statement");
    return Problem.of(
        ErrorReport.of(
            HOME_FAILED, "the home Postgres refused a statement (SQLSTATE " + state + ")"));
  }

  private static Problem unreachable() {
    return Problem.of(ErrorReport.of(HOME_UNREACHABLE, "the home Postgres does not answer"));
  }

  private static Problem invalid(ValidatorException invalid) {
    var body = invalid.type() == ValidatorErrorType.UNSUPPORTED_VALUE_FORMAT;
    return Problem.of(
        body ? 415 : 400,
        ErrorReport.of(
                CONFIG_INVALID, Objects.requireNonNullElse(invalid.getMessage(), "invalid request"))
            .withHint(SEE_CONTRACT));
  }

  private static Problem bug(Throwable failure, RoutingContext request) {
    LOG.atError()
        .addKeyValue("method", request.request().method())
        .addKeyValue("path", request.request().path())
        .setCause(failure)
        .log("request failed");
    return Problem.of(ErrorReport.of(BUG, "the server failed at this request"));
  }

  private static Problem refused(int status, HttpServerRequest request) {
    var path = Objects.requireNonNullElse(request.path(), "");
    return switch (status) {
      case 404 -> refused(404, "there is nothing at " + path, SEE_CONTRACT);
      case 405 -> refused(405, request.method() + " is not possible at " + path, SEE_CONTRACT);
      case 406 -> refused(406, "none of the accepted media types is on offer", SEE_CONTRACT);
      case 413 -> refused(413, "the body is too large", "Send a smaller one.");
      case 414 -> refused(414, "the URL is too long", SEE_CONTRACT);
      case 415 ->
          refused(415, "the body's content type is not supported", "Send application/json.");
      case 500 -> Problem.of(ErrorReport.of(BUG, "the server failed at this request"));
      default -> refused(status, "the request is not well-formed", SEE_CONTRACT);
    };
  }

  private static Problem refused(int status, String message, @Nullable String hint) {
    var error = ErrorReport.of(status == 404 ? NOT_FOUND : CONFIG_INVALID, message);
    return Problem.of(status, hint == null ? error : error.withHint(hint));
  }
}
