package io.tidemark.toxiproxy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;

/**
 * A network link that breaks on demand: a TCP proxy on a free local port in front of one server.
 *
 * <pre>
 *   client ──up──▶ link ──▶ server
 *          ◀─down─      ◀──
 * </pre>
 *
 * Each command is done when its future completes. Commands may be given from any thread; they are
 * carried out in the order in which they were given.
 */
public final class Link {
  private final Vertx vertx;
  private final String deployment;
  private final LinkListener listener;

  private Link(Vertx vertx, String deployment, LinkListener listener) {
    this.vertx = vertx;
    this.deployment = deployment;
    this.listener = listener;
  }

  /** Listens; each connection is passed on to this server. */
  public static Future<Link> open(Vertx vertx, String upstreamHost, int upstreamPort) {
    var listener = new LinkListener(upstreamHost, upstreamPort);
    return vertx.deployVerticle(listener).map(deployment -> new Link(vertx, deployment, listener));
  }

  /** Where it listens on 127.0.0.1; the same for its whole life. */
  public int port() {
    return listener.port();
  }

  /**
   * Closes all connections and refuses new ones: they are closed before a byte is read. The port
   * stays its own, so that no other program can take it.
   */
  public Future<Void> cut() {
    return command(listener::cut);
  }

  /**
   * Lets each connection die when this many more bytes have reached its client, also connections
   * that are opened later: those may be opened and die again.
   *
   * @param bytes 0: at once
   */
  public Future<Void> cutAfter(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes: " + bytes);
    }
    return command(() -> listener.limitDown(bytes));
  }

  /** Moves no more bytes either way, closes nothing, and still takes new connections. */
  public Future<Void> stall() {
    return command(listener::stall);
  }

  /** Moves bytes again, without limits. Connections that were cut stay dead. */
  public Future<Void> heal() {
    return command(listener::heal);
  }

  /** Bytes that have been passed on to clients, over all connections. */
  public long bytesDownstream() {
    return listener.bytesDownstream();
  }

  /** Connections that clients have opened; those refused by a cut do not count. */
  public long connectionsOpened() {
    return listener.connectionsOpened();
  }

  /** Stops listening and closes all connections. */
  public Future<Void> close() {
    return cut().compose(cut -> vertx.undeploy(deployment));
  }

  private Future<Void> command(Runnable action) {
    var done = Promise.<Void>promise();
    listener
        .loop()
        .runOnContext(
            now -> {
              action.run();
              done.complete();
            });
    return done.future();
  }
}
