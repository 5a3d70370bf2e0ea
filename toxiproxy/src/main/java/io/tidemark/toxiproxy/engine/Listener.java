package io.tidemark.toxiproxy.engine;

import io.tidemark.toxiproxy.toxic.PlacedToxic;
import io.vertx.core.Future;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.net.BindException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the connections of one proxy while that is enabled, and gives each its way to the server.
 * Used on one event loop only, that of its context.
 */
public final class Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

  /** How long the operating system would try, too. */
  private static final int CONNECT_TIMEOUT_MILLIS = (int) TimeUnit.SECONDS.toMillis(130);

  /** After that, some other program must have taken the port. */
  private static final int FREE_TRIES = 100;

  private static final int FREE_PAUSE_MILLIS = 2;

  private static final String PORTS = "toxiproxy.listening";

  private final ContextInternal context;
  private final ListenAddress address;
  private final String upstream;
  private final Supplier<List<PlacedToxic>> toxics;
  private final RandomGenerator random;
  private final Function<String, LinkObserver> observers;
  private final Clock clock;
  private final NetServer server;
  private final NetClient client;
  private final Set<ProxySocket> dialling = new HashSet<>();
  private final Set<ToxicConnection> connections = new HashSet<>();

  private boolean closed;
  private boolean cut;

  private Listener(
      ContextInternal context,
      ListenAddress address,
      String upstream,
      Supplier<List<PlacedToxic>> toxics,
      RandomGenerator random,
      Function<String, LinkObserver> observers) {
    this.context = context;
    this.address = address;
    this.upstream = upstream;
    this.toxics = toxics;
    this.random = random;
    this.observers = observers;
    this.clock = new LoopClock(context);
    this.server =
        context
            .owner()
            .createNetServer(new NetServerOptions().setTcpNoDelay(true).setTcpKeepAlive(true))
            .connectHandler(this::onClient);
    this.client =
        context
            .owner()
            .createNetClient(
                new NetClientOptions()
                    .setTcpNoDelay(true)
                    .setTcpKeepAlive(true)
                    .setConnectTimeout(CONNECT_TIMEOUT_MILLIS));
  }

  /**
   * Listens.
   *
   * @param listen as the user wrote it
   * @param upstream where to, as the user wrote it; looked at when a client comes
   * @param toxics those that a new connection gets
   * @param observers hear of the connections that come in at an address
   * @return fails with {@link AddressException} where it cannot
   */
  public static Future<Listener> open(
      ContextInternal context,
      String listen,
      String upstream,
      Supplier<List<PlacedToxic>> toxics,
      RandomGenerator random,
      Function<String, LinkObserver> observers) {
    return context
        .executeBlocking(() -> resolve(listen).free(), false)
        .compose(
            address ->
                new Listener(context, address, upstream, toxics, random, observers).listen());
  }

  /** Where it listens, as it is reported. */
  public String address() {
    return address.withPort(server.actualPort()).toString();
  }

  /** Stops listening, and closes all connections at once. Done when the port is free. */
  public Future<Void> close() {
    closed = true;
    var bound = address.withPort(server.actualPort());
    var closing = server.close();
    killAll();
    client.close();
    context.owner().sharedData().<String, Boolean>getLocalMap(PORTS).remove(address.toString());
    return closing.compose(stopped -> untilFree(bound, FREE_TRIES));
  }

  /** Closes all connections at once, and new ones before a byte is read. */
  public void cut() {
    cut = true;
    killAll();
  }

  /** Takes connections again. */
  public void heal() {
    cut = false;
  }

  /** Puts a toxic on all connections. */
  public void add(PlacedToxic toxic) {
    forEach(connection -> connection.add(toxic));
  }

  /** Changes it on all connections. */
  public void update(PlacedToxic toxic) {
    forEach(connection -> connection.update(toxic));
  }

  /** Takes it from all connections. */
  public void remove(PlacedToxic toxic) {
    forEach(connection -> connection.remove(toxic));
  }

  private static ListenAddress resolve(String listen) throws AddressException {
    try {
      return ListenAddress.resolve(listen);
    } catch (AddressException e) {
      throw new AddressException("listen tcp: " + e.getMessage());
    }
  }

  private Future<Listener> listen() {
    var ports = context.owner().sharedData().<String, Boolean>getLocalMap(PORTS);
    if (address.port() != 0 && ports.putIfAbsent(address.toString(), true) != null) {
      return context.failedFuture(address.refused(new BindException("Address already in use")));
    }
    return server
        .listen(address.port(), address.host())
        .map(this)
        .recover(
            cause -> {
              ports.remove(address.toString());
              return context.failedFuture(address.refused(cause));
            });
  }

  private void onClient(NetSocket accepted) {
    var socket = new ProxySocket(accepted);
    if (closed || cut) {
      socket.kill();
      return;
    }
    LOG.atDebug().addKeyValue("client", accepted.remoteAddress()).log("accepted");
    dialling.add(socket);
    dial()
        .onComplete(
            dialled -> {
              dialling.remove(socket);
              if (dialled.succeeded()) {
                connect(socket, new ProxySocket(dialled.result()));
              } else {
                LOG.atInfo()
                    .addKeyValue("upstream", upstream)
                    .log("cannot connect: {}", dialled.cause().getMessage());
                socket.end();
              }
            });
  }

  /** Looks the server up anew, and tries all its addresses in turn. */
  private Future<NetSocket> dial() {
    return context
        .executeBlocking(() -> HostPort.parse(upstream).resolve(), false)
        .compose(
            addresses -> {
              Future<NetSocket> dialled = context.failedFuture("no address");
              for (var address : addresses) {
                dialled =
                    dialled.recover(
                        refused -> client.connect(SocketAddress.inetSocketAddress(address)));
              }
              return dialled;
            });
  }

  private void connect(ProxySocket socket, ProxySocket target) {
    if (closed || cut || !socket.isOpen()) {
      socket.kill();
      target.kill();
      return;
    }
    var made = new ToxicConnection[1];
    var connection =
        new ToxicConnection(
            socket,
            target,
            toxics.get(),
            clock,
            random,
            observers.apply(address()),
            () -> connections.remove(made[0]));
    made[0] = connection;
    connections.add(connection);
    connection.start();
  }

  /** The JDK closes a listening socket only in the next round of its selector. */
  private Future<Void> untilFree(ListenAddress bound, int tries) {
    return context
        .executeBlocking(bound::free, false)
        .<Void>mapEmpty()
        .recover(
            taken ->
                tries == 0
                    ? context.succeededFuture()
                    : context
                        .owner()
                        .timer(FREE_PAUSE_MILLIS, TimeUnit.MILLISECONDS)
                        .compose(later -> untilFree(bound, tries - 1)));
  }

  private void killAll() {
    List.copyOf(dialling).forEach(ProxySocket::kill);
    forEach(ToxicConnection::kill);
  }

  /** Over a copy: a connection that ends leaves the set. */
  private void forEach(Consumer<ToxicConnection> action) {
    List.copyOf(connections).forEach(action);
  }
}
