package io.tidemark.frontend.progress;

import io.tidemark.common.bus.Address;
import io.tidemark.common.bus.ProgressNews;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.RefreshViews;
import io.tidemark.common.refresh.RefreshView;
import io.tidemark.frontend.problem.Problem;
import io.tidemark.frontend.problem.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes progress on to all that watch. News come over the bus and may be lost, so that what is
 * watched is read from Postgres too, every few seconds. Runs on one event loop.
 */
public final class ProgressHub {
  private static final Logger LOG = LoggerFactory.getLogger(ProgressHub.class);

  private static final int MAX_SOCKETS = 1_000;
  private static final long REREAD_INTERVAL_MILLIS = 3_000;
  private static final long PING_INTERVAL_MILLIS = 30_000;
  private static final long READ_PATIENCE_SECONDS = 10;

  private final RefreshViews refreshes;
  private final int maxSockets;
  private final Set<ProgressSocket> sockets = new HashSet<>();

  /** Refreshes that news came of since the present read began: what it brings of them is older. */
  private final Set<Long> heard = new HashSet<>();

  private boolean reading;

  public ProgressHub(RefreshViews refreshes) {
    this(refreshes, MAX_SOCKETS);
  }

  ProgressHub(RefreshViews refreshes, int maxSockets) {
    this.refreshes = refreshes;
    this.maxSockets = maxSockets;
  }

  /** Begins to listen. Call on the event loop that serves the sockets. */
  public void start(Vertx vertx) {
    vertx
        .eventBus()
        .<ProgressNews>consumer(Address.PROGRESS, news -> onNews(news.body().refresh()));
    vertx.setPeriodic(REREAD_INTERVAL_MILLIS, timer -> reread());
    vertx.setPeriodic(PING_INTERVAL_MILLIS, timer -> sockets.forEach(ProgressSocket::ping));
  }

  /** Closes all sockets. */
  public void stop() {
    List.copyOf(sockets).forEach(ProgressSocket::goAway);
  }

  /** Makes a WebSocket of the request, once there is a snapshot to begin with. */
  public void watch(RoutingContext request, OptionalLong refreshId) {
    if (!request.request().canUpgradeToWebSocket()) {
      if (request.request().version() == HttpVersion.HTTP_1_1) {
        request.response().putHeader(HttpHeaders.UPGRADE, "websocket");
      }
      request.fail(new ProblemException(notWebSocket()));
      return;
    }
    if (sockets.size() >= maxSockets) {
      request.fail(new ProblemException(full()));
      return;
    }
    // Heard from here on: nothing falls between the snapshot and the first delta.
    var socket = new ProgressSocket(refreshId);
    sockets.add(socket);
    snapshot(refreshId)
        .timeout(READ_PATIENCE_SECONDS, TimeUnit.SECONDS)
        .compose(
            views ->
                request
                    .request()
                    .toWebSocket()
                    .onSuccess(
                        accepted -> {
                          accepted.closeHandler(closed -> sockets.remove(socket));
                          accepted.exceptionHandler(lost -> sockets.remove(socket));
                          socket.begin(accepted, views);
                        }))
        .onFailure(
            failure -> {
              sockets.remove(socket);
              request.fail(failure);
            });
  }

  private Future<List<RefreshView>> snapshot(OptionalLong refreshId) {
    if (refreshId.isEmpty()) {
      return refreshes.active();
    }
    var id = refreshId.getAsLong();
    return refreshes
        .view(id)
        .map(
            found ->
                List.of(
                    found.orElseThrow(
                        () ->
                            new TidemarkException(
                                ErrorCode.NOT_FOUND, "there is no refresh " + id))));
  }

  private void onNews(RefreshView view) {
    heard.add(view.id());
    tell(view);
  }

  private void tell(RefreshView view) {
    List.copyOf(sockets).forEach(socket -> socket.hear(view));
  }

  private void reread() {
    if (reading) {
      return;
    }
    heard.clear();
    if (sockets.isEmpty()) {
      return;
    }
    reading = true;
    refreshes
        .active()
        .compose(
            active -> {
              active.forEach(this::onRead);
              return ended(active);
            })
        .timeout(READ_PATIENCE_SECONDS, TimeUnit.SECONDS)
        .onFailure(
            failure -> LOG.atDebug().setCause(failure).log("progress could not be read again"))
        .onComplete(done -> reading = false);
  }

  /** Reads those that are watched and not active any more. */
  private Future<?> ended(List<RefreshView> active) {
    var watched = new HashSet<Long>();
    sockets.forEach(socket -> watched.addAll(socket.open()));
    active.forEach(view -> watched.remove(view.id()));
    return Future.join(
        watched.stream()
            .map(id -> refreshes.view(id).onSuccess(found -> found.ifPresent(this::onRead)))
            .toList());
  }

  private void onRead(RefreshView view) {
    if (!heard.contains(view.id())) {
      tell(view);
    }
  }

  private static Problem notWebSocket() {
    return Problem.of(
        426,
        ErrorReport.of(ErrorCode.CONFIG_INVALID, "progress is shown over a WebSocket only")
            .withHint("Open it as a WebSocket, or read GET /api/v1/refreshes/{id}."));
  }

  private static Problem full() {
    return Problem.of(
        503,
        ErrorReport.of(ErrorCode.ILLEGAL_STATE, "as many clients watch as this frontend takes")
            .withHint("Try again later, or read GET /api/v1/refreshes/{id}."));
  }
}
