package io.tidemark.toxiproxy;

import io.tidemark.toxiproxy.toxic.Bandwidth;
import io.tidemark.toxiproxy.toxic.Direction;
import io.tidemark.toxiproxy.toxic.LimitData;
import io.tidemark.toxiproxy.toxic.PlacedToxic;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

/**
 * A network link that breaks on demand: a proxy on a free local port in front of one server, for
 * tests that need no more than this.
 *
 * <pre>
 *   client ──up──▶ link ──▶ server
 *          ◀─down─      ◀──
 * </pre>
 *
 * Each command is done when its future completes. Commands may be given from any thread; those of
 * one thread are carried out in the order in which they were given.
 */
public final class Link {
  private static final PlacedToxic NOTHING_UP =
      PlacedToxic.on(Direction.UPSTREAM, new Bandwidth(0));
  private static final PlacedToxic NOTHING_DOWN =
      PlacedToxic.on(Direction.DOWNSTREAM, new Bandwidth(0));

  private final Proxies proxies;
  private final Proxy proxy;

  private Link(Proxies proxies, Proxy proxy) {
    this.proxies = proxies;
    this.proxy = proxy;
  }

  /** Listens; each connection is passed on to this server. */
  public static Future<Link> open(Vertx vertx, String upstreamHost, int upstreamPort) {
    var proxies = Proxies.none(vertx);
    var literal = upstreamHost.contains(":") ? "[" + upstreamHost + "]" : upstreamHost;
    return proxies
        .create("link", literal + ":" + upstreamPort)
        .map(proxy -> new Link(proxies, proxy));
  }

  /** Where it listens on 127.0.0.1; the same for its whole life. */
  public int port() {
    return proxy.port();
  }

  /**
   * Closes all connections and refuses new ones: they are closed before a byte is read. The port
   * stays its own, so that no other program can take it.
   */
  public Future<Void> cut() {
    return proxy.cut();
  }

  /**
   * Lets each connection die when this many more bytes have reached its client, also connections
   * that are opened later: those may be opened and die again.
   *
   * @param bytes 0: connections that are open die at once, later ones at the first byte
   */
  public Future<Void> cutAfter(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes: " + bytes);
    }
    Future<Void> limited =
        proxy.put(PlacedToxic.on(Direction.DOWNSTREAM, new LimitData(bytes))).mapEmpty();
    return bytes > 0 ? limited : proxy.cut().compose(cut -> proxy.heal());
  }

  /** Moves no more bytes either way, closes nothing, and still takes new connections. */
  public Future<Void> stall() {
    return Future.all(proxy.put(NOTHING_UP), proxy.put(NOTHING_DOWN)).mapEmpty();
  }

  /** Moves bytes again, without limits. Connections that were cut stay dead. */
  public Future<Void> heal() {
    return Future.all(proxy.removeAll(), proxy.heal()).mapEmpty();
  }

  /** Bytes that have been passed on to clients, over all connections. */
  public long bytesDownstream() {
    return proxy.traffic().downstreamBytes();
  }

  /** Connections of clients with the server that were made; those refused by a cut do not count. */
  public long connectionsOpened() {
    return proxy.traffic().connections();
  }

  /** Stops listening and closes all connections. */
  public Future<Void> close() {
    return proxies.clear();
  }
}
