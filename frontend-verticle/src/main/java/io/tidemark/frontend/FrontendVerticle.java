package io.tidemark.frontend;

import static java.util.Map.entry;

import io.tidemark.common.bus.Command;
import io.tidemark.common.home.HomePool;
import io.tidemark.common.home.LeaderLookup;
import io.tidemark.common.home.RefreshViews;
import io.tidemark.common.home.TableStore;
import io.tidemark.frontend.api.Health;
import io.tidemark.frontend.api.Leader;
import io.tidemark.frontend.api.NodeOperations;
import io.tidemark.frontend.api.Parameters;
import io.tidemark.frontend.api.RefreshOperations;
import io.tidemark.frontend.api.TableOperations;
import io.tidemark.frontend.changes.ChangeFeed;
import io.tidemark.frontend.changes.ChangeOperations;
import io.tidemark.frontend.problem.ProblemHandler;
import io.tidemark.frontend.progress.ProgressHub;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.sqlclient.Pool;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The frontend role of a node: the HTTP API, progress over WebSockets, health and metrics. It reads
 * Postgres, asks the leader over the bus, and decides nothing itself. Runs on an event loop.
 */
public final class FrontendVerticle extends VerticleBase {
  private static final String CONTRACT = "openapi.yaml";

  private static final int POOL_SIZE = 8;

  /** Longer than between two pings of a WebSocket. */
  private static final int IDLE_TIMEOUT_SECONDS = 90;

  private static final int MAX_URL_BYTES = 8 * 1024;
  private static final int MAX_FRAME_BYTES = 64 * 1024;

  private final FrontendSettings settings;
  private @Nullable Pool home;
  private @Nullable ProgressHub progress;
  private @Nullable HttpServer server;

  public FrontendVerticle(FrontendSettings settings) {
    this.settings = settings;
  }

  @Override
  public Future<?> start() {
    var pool = HomePool.of(vertx, settings.home(), "tidemark frontend", POOL_SIZE);
    home = pool;
    var hub = new ProgressHub(new RefreshViews(pool));
    progress = hub;
    hub.start(vertx);
    return vertx
        .fileSystem()
        .readFile(CONTRACT)
        .compose(
            text ->
                RequestContract.of(vertx, text)
                    .map(
                        contract ->
                            ApiRouter.of(
                                vertx,
                                contract,
                                new SameOrigin(settings.host()),
                                handlers(pool, hub, text))))
        .compose(this::listen)
        .onSuccess(listening -> server = listening);
  }

  @Override
  public Future<?> stop() {
    if (progress != null) {
      progress.stop();
    }
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

  private Map<String, Handler<RoutingContext>> handlers(
      Pool pool, ProgressHub hub, Buffer contract) {
    var stored = new TableStore(pool);
    var leader = new Leader(vertx, new LeaderLookup(pool));
    var tables = new TableOperations(stored, leader);
    var refreshes = new RefreshOperations(new RefreshViews(pool), leader);
    var changes = new ChangeOperations(stored, new ChangeFeed(pool));
    var node = new NodeOperations(leader, contract);
    var health = new Health(pool, settings.meters());
    return Map.ofEntries(
        entry("listTables", tables::list),
        entry("showTable", tables::show),
        entry("putTable", tables::put),
        entry("deleteTable", tables::delete),
        entry("requestRefresh", refreshes::request),
        entry("listChanges", changes::list),
        entry("listRefreshes", refreshes::list),
        entry("showRefresh", refreshes::show),
        entry("listVNodes", refreshes::vnodes),
        entry("approveRefresh", refreshes.command(Command.Approve::new)),
        entry("rejectRefresh", refreshes.command(Command.Reject::new)),
        entry("cancelRefresh", refreshes.command(Command.Cancel::new)),
        entry("pauseRefresh", refreshes.command(Command.Pause::new)),
        entry("resumeRefresh", refreshes.command(Command.Resume::new)),
        entry(
            "watchRefresh",
            request -> hub.watch(request, OptionalLong.of(Parameters.refreshId(request)))),
        entry("watchAll", request -> hub.watch(request, OptionalLong.empty())),
        entry("listExecutors", node::executors),
        entry("live", health::live),
        entry("ready", health::ready),
        entry("metrics", health::metrics),
        entry("contract", node::contract));
  }

  private Future<HttpServer> listen(Router router) {
    var options =
        new HttpServerOptions()
            .setHost(settings.host())
            .setPort(settings.port())
            .setIdleTimeout(IDLE_TIMEOUT_SECONDS)
            .setMaxInitialLineLength(MAX_URL_BYTES)
            .setMaxWebSocketFrameSize(MAX_FRAME_BYTES)
            .setMaxWebSocketMessageSize(MAX_FRAME_BYTES);
    return vertx
        .createHttpServer(options)
        .requestHandler(router)
        .invalidRequestHandler(ProblemHandler::malformed)
        .listen();
  }
}
