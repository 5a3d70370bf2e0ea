package io.tidemark.frontend;

import io.tidemark.frontend.api.Parameters;
import io.tidemark.frontend.problem.ProblemHandler;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.PlatformHandler;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Operation;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The router that the contract describes: requests are checked against it before a handler runs.
 */
final class ApiRouter {
  /** Ample for a table of 1,600 columns. */
  private static final long MAX_BODY_BYTES = 1 << 20;

  private static final String WEB_SOCKET_PATHS = "/progress";

  private ApiRouter() {}

  /**
   * @param sameOrigin looks at each request first
   * @param handlers by operation id: one for each operation of the contract, no more, no less
   */
  static Router of(
      Vertx vertx,
      OpenAPIContract contract,
      SameOrigin sameOrigin,
      Map<String, Handler<RoutingContext>> handlers) {
    var operations =
        contract.operations().stream().map(Operation::getOperationId).collect(Collectors.toSet());
    if (!operations.equals(handlers.keySet())) {
      throw new IllegalStateException("not in both: " + difference(operations, handlers.keySet()));
    }
    var problems = new ProblemHandler();
    var builder =
        RouterBuilder.create(vertx, contract, Parameters::extract)
            .rootHandler(sameOrigin)
            .rootHandler((PlatformHandler) ApiRouter::keepForUpgrade)
            .rootHandler(BodyHandler.create(false).setBodyLimit(MAX_BODY_BYTES));
    handlers.forEach(
        (operation, handler) ->
            builder.getRoute(operation).addHandler(handler).addFailureHandler(problems));
    var router = builder.createRouter();
    problems.install(router);
    return router;
  }

  /** A request that has been read to its end cannot become a WebSocket any more. */
  private static void keepForUpgrade(RoutingContext request) {
    if (request.request().canUpgradeToWebSocket()
        && request.normalizedPath().endsWith(WEB_SOCKET_PATHS)) {
      request.request().pause();
    }
    request.next();
  }

  private static Set<String> difference(Set<String> some, Set<String> others) {
    var all = new TreeSet<>(some);
    all.addAll(others);
    all.removeIf(it -> some.contains(it) && others.contains(it));
    return all;
  }
}
