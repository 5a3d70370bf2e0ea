package io.tidemark.frontend;

import io.tidemark.common.home.HomePool;
import io.tidemark.frontend.api.Health;
import io.tidemark.frontend.problem.ProblemHandler;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.sqlclient.Pool;
import org.jspecify.annotations.Nullable;

/** Health and metrics of a node that has no frontend. */
public final class HealthVerticle extends VerticleBase {
  private static final int POOL_SIZE = 1;
  private static final int IDLE_TIMEOUT_SECONDS = 90;
  private static final int MAX_URL_BYTES = 1024;

  private final FrontendSettings settings;
  private @Nullable Pool home;
  private @Nullable HttpServer server;

  public HealthVerticle(FrontendSettings settings) {
    this.settings = settings;
  }

  @Override
  public Future<?> start() {
    var pool = HomePool.of(vertx, settings.home(), "tidemark health", POOL_SIZE);
    home = pool;
    return vertx
        .createHttpServer(
            new HttpServerOptions()
                .setHost(settings.host())
                .setPort(settings.port())
                .setIdleTimeout(IDLE_TIMEOUT_SECONDS)
                .setMaxInitialLineLength(MAX_URL_BYTES))
        .requestHandler(router(new Health(pool, settings.meters())))
        .invalidRequestHandler(ProblemHandler::malformed)
        .listen()
        .onSuccess(listening -> server = listening);
  }

  private Router router(Health health) {
    var router = Router.router(vertx);
    new ProblemHandler().install(router);
    router.route().handler(new SameOrigin(settings.host()));
    router.get("/health/live").handler(health::live);
    router.get("/health/ready").handler(health::ready);
    router.get("/metrics").handler(health::metrics);
    router.route().failureHandler(new ProblemHandler());
    return router;
  }

  @Override
  public Future<?> stop() {
    var closed = server == null ? Future.<Void>succeededFuture() : server.close();
    return closed.eventually(() -> home == null ? Future.succeededFuture() : home.close());
  }

  /** The port it listens on; known once it is deployed. */
  public int port() {
    if (server == null) {
      throw new IllegalStateException("not deployed");
    }
    return server.actualPort();
  }
}
