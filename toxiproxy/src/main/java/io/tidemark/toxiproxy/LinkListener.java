package io.tidemark.toxiproxy;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes a link's connections and holds what the link does to them. A verticle, so that all of it
 * runs on one event loop; only the counters are read from elsewhere.
 */
final class LinkListener extends VerticleBase {
  private static final String LOCAL = "127.0.0.1";
  private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

  private final String upstreamHost;
  private final int upstreamPort;
  private final AtomicLong bytesDownstream = new AtomicLong();
  private final AtomicLong connectionsOpened = new AtomicLong();
  private final Set<LinkConnection> connections = new HashSet<>();

  private LinkState state = LinkState.HEALED;
  private OptionalLong limitDown = OptionalLong.empty();
  private @Nullable NetServer server;
  private @Nullable NetClient client;

  LinkListener(String upstreamHost, int upstreamPort) {
    this.upstreamHost = upstreamHost;
    this.upstreamPort = upstreamPort;
  }

  @Override
  public Future<?> start() {
    client =
        vertx.createNetClient(
            new NetClientOptions().setConnectTimeout(CONNECT_TIMEOUT_MILLIS).setTcpNoDelay(true));
    server =
        vertx
            .createNetServer(new NetServerOptions().setTcpNoDelay(true))
            .connectHandler(this::onClient);
    return server.listen(0, LOCAL);
  }

  int port() {
    if (server == null) {
      throw new IllegalStateException("not started");
    }
    return server.actualPort();
  }

  long bytesDownstream() {
    return bytesDownstream.get();
  }

  long connectionsOpened() {
    return connectionsOpened.get();
  }

  /** The event loop that everything else here must be called on. */
  Context loop() {
    return context;
  }

  void cut() {
    state = LinkState.CUT;
    forEach(LinkConnection::die);
  }

  void stall() {
    state = LinkState.STALLED;
    forEach(connection -> connection.stall(true));
  }

  void limitDown(long bytes) {
    limitDown = OptionalLong.of(bytes);
    forEach(connection -> connection.limitDown(bytes));
  }

  void heal() {
    state = LinkState.HEALED;
    limitDown = OptionalLong.empty();
    forEach(
        connection -> {
          connection.unlimited();
          connection.stall(false);
        });
  }

  private void onClient(NetSocket socket) {
    if (state == LinkState.CUT) {
      socket.close();
      return;
    }
    connectionsOpened.incrementAndGet();
    socket.pause();
    upstream()
        .onSuccess(server -> onConnected(socket, server))
        .onFailure(unreachable -> socket.close());
  }

  private void onConnected(NetSocket socket, NetSocket server) {
    if (state == LinkState.CUT) {
      socket.close();
      server.close();
      return;
    }
    var connection = new LinkConnection(socket, server, bytesDownstream::addAndGet);
    connections.add(connection);
    connection.stall(state == LinkState.STALLED);
    connection.start(() -> connections.remove(connection));
    limitDown.ifPresent(connection::limitDown);
  }

  private Future<NetSocket> upstream() {
    if (client == null) {
      throw new IllegalStateException("not started");
    }
    return client.connect(upstreamPort, upstreamHost);
  }

  /** Over a copy: a connection that dies leaves the set. */
  private void forEach(Consumer<LinkConnection> action) {
    List.copyOf(connections).forEach(action);
  }
}
