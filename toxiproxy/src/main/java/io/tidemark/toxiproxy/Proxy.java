package io.tidemark.toxiproxy;

import io.tidemark.toxiproxy.ProxyMetrics.Labels;
import io.tidemark.toxiproxy.engine.AddressException;
import io.tidemark.toxiproxy.engine.ListenAddress;
import io.tidemark.toxiproxy.engine.Listener;
import io.tidemark.toxiproxy.toxic.Direction;
import io.tidemark.toxiproxy.toxic.PlacedToxic;
import io.tidemark.toxiproxy.toxic.Toxic;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TCP proxy whose connections can be cut, slowed and broken by toxics.
 *
 * <p>Commands may be given from any thread. They are carried out one after the other; each is done
 * when its future completes, also on connections that are open. They fail with a {@link
 * ToxiproxyException}.
 */
public final class Proxy {
  private static final Logger LOG = LoggerFactory.getLogger(Proxy.class);

  private final String name;
  private final ContextInternal context;
  private final Turns turns;
  private final RandomGenerator random;
  private final LinkCounter counter;

  // Written on the proxy's event loop only.
  private volatile ProxyState state;
  private Optional<Listener> listener = Optional.empty();
  private boolean cut;
  private boolean retired;

  Proxy(
      Vertx vertx,
      String name,
      String listen,
      String upstream,
      RandomGenerator random,
      ProxyMetrics metrics) {
    this.name = name;
    this.context = ((VertxInternal) vertx).createEventLoopContext();
    this.turns = new Turns(context);
    this.random = random;
    this.counter = new LinkCounter(metrics);
    this.state = new ProxyState(name, listen, upstream, false, List.of());
  }

  /** Unique among the proxies of a server. */
  public String name() {
    return name;
  }

  /** What it is now. */
  public ProxyState state() {
    return state;
  }

  /** The port that clients connect to; 0 where there is none yet. */
  public int port() {
    return state.port();
  }

  /** What has passed so far. */
  public Traffic traffic() {
    return counter.traffic();
  }

  /** Listens, at the same port as before. Does nothing where it does already. */
  public Future<Void> enable() {
    return turns.take(this::start);
  }

  /** Stops listening, and closes all connections. Toxics stay. */
  public Future<Void> disable() {
    return turns.take(this::stop);
  }

  /**
   * Closes all connections and refuses new ones: they are closed before a byte is read. Unlike
   * {@link #disable} it keeps the port, so that no other program can take it.
   */
  public Future<Void> cut() {
    return turns.take(
        () -> {
          cut = true;
          listener.ifPresent(Listener::cut);
          return done();
        });
  }

  /** Takes connections again after a {@link #cut}. */
  public Future<Void> heal() {
    return turns.take(
        () -> {
          cut = false;
          listener.ifPresent(Listener::heal);
          return done();
        });
  }

  /**
   * Changes where it listens and connects to, and whether it is enabled. A new address closes all
   * connections. Where a new address cannot be listened on, the proxy stays disabled with it.
   */
  public Future<ProxyState> update(
      Optional<String> listen, Optional<String> upstream, Optional<Boolean> enabled) {
    return turns.take(
        () -> {
          var newListen = listen.orElse(state.listen());
          var newUpstream = upstream.orElse(state.upstream());
          var wanted = enabled.orElse(state.enabled());
          return differs(newListen, newUpstream)
              .compose(
                  differs ->
                      differs ? stop().onSuccess(stopped -> move(newListen, newUpstream)) : done())
              .compose(moved -> wanted ? start() : stop())
              .map(done -> state);
        });
  }

  /**
   * Puts a toxic on a stream, after those that are there, under its usual name ({@code
   * latency_downstream}).
   */
  public Future<PlacedToxic> add(Direction stream, Toxic toxic) {
    return add(PlacedToxic.on(stream, toxic));
  }

  /** Puts a toxic on a stream, after those that are there. */
  public Future<PlacedToxic> add(PlacedToxic toxic) {
    return turns.take(
        () ->
            find(toxic.name()).isPresent()
                ? context.failedFuture(ToxiproxyException.toxicExists())
                : append(toxic));
  }

  /**
   * Puts a toxic on a stream, after those that are there; one of the same name is taken away
   * before, with what it has counted.
   */
  public Future<PlacedToxic> put(PlacedToxic toxic) {
    return turns.take(
        () -> {
          find(toxic.name()).ifPresent(this::takeAway);
          return append(toxic);
        });
  }

  /** Changes attributes or toxicity of a toxic; its name and stream stay. */
  public Future<PlacedToxic> change(String toxic, UnaryOperator<PlacedToxic> change) {
    return turns.take(
        () -> {
          var before = require(toxic);
          var after = change.apply(before);
          hold(state.toxics().stream().map(it -> it.equals(before) ? after : it).toList());
          listener.ifPresent(it -> it.update(after));
          return context.succeededFuture(after);
        });
  }

  /** Takes a toxic away. */
  public Future<Void> remove(String toxic) {
    return turns.take(
        () -> {
          takeAway(require(toxic));
          return done();
        });
  }

  /** Takes all toxics away. */
  public Future<Void> removeAll() {
    return turns.take(
        () -> {
          state.toxics().forEach(this::takeAway);
          return done();
        });
  }

  /** The toxic of this name. */
  public Optional<PlacedToxic> find(String toxic) {
    return state.toxics().stream().filter(it -> it.name().equals(toxic)).findFirst();
  }

  /**
   * Whether an update to these would move it. What can be resolved is compared resolved.
   *
   * @return fails where {@code listen} cannot be resolved
   */
  Future<Boolean> differs(String listen, String upstream) {
    return context
        .executeBlocking(() -> ListenAddress.resolve(listen).toString(), false)
        .recover(Proxy::cannotListen)
        .map(resolved -> !resolved.equals(state.listen()) || !upstream.equals(state.upstream()));
  }

  /** Stops it for good. */
  Future<Void> retire() {
    return turns.take(
        () -> {
          retired = true;
          return stop();
        });
  }

  private Future<Void> start() {
    if (state.enabled()) {
      return done();
    }
    if (retired) {
      return context.failedFuture(ToxiproxyException.noProxy());
    }
    var upstream = state.upstream();
    return Listener.open(
            context,
            state.listen(),
            upstream,
            () -> state.toxics(),
            random,
            address -> counter.observe(way -> new Labels(way, address, name, upstream)))
        .recover(Proxy::cannotListen)
        .map(
            opened -> {
              listener = Optional.of(opened);
              if (cut) {
                opened.cut();
              }
              state = new ProxyState(name, opened.address(), upstream, true, state.toxics());
              LOG.atInfo().addKeyValue("proxy", state).log("started");
              return null;
            });
  }

  private Future<Void> stop() {
    if (listener.isEmpty()) {
      return done();
    }
    var closing = listener.get().close();
    listener = Optional.empty();
    state = new ProxyState(name, state.listen(), state.upstream(), false, state.toxics());
    LOG.atInfo().addKeyValue("proxy", state).log("stopped");
    return closing;
  }

  private Future<PlacedToxic> append(PlacedToxic toxic) {
    var toxics = new ArrayList<>(state.toxics());
    toxics.add(toxic);
    // The sort is stable: on each stream the order stays that of creation.
    toxics.sort(Comparator.comparing(PlacedToxic::stream));
    hold(toxics);
    listener.ifPresent(it -> it.add(toxic));
    return context.succeededFuture(toxic);
  }

  private void move(String listen, String upstream) {
    state = new ProxyState(name, listen, upstream, false, state.toxics());
  }

  private void hold(List<PlacedToxic> toxics) {
    state =
        new ProxyState(
            name, state.listen(), state.upstream(), state.enabled(), List.copyOf(toxics));
  }

  private void takeAway(PlacedToxic toxic) {
    hold(state.toxics().stream().filter(it -> !it.equals(toxic)).toList());
    listener.ifPresent(it -> it.remove(toxic));
  }

  private PlacedToxic require(String toxic) {
    return find(toxic).orElseThrow(ToxiproxyException::noToxic);
  }

  private Future<Void> done() {
    return context.succeededFuture();
  }

  private static <T> Future<T> cannotListen(Throwable cause) {
    return Future.failedFuture(
        cause instanceof AddressException ? ToxiproxyException.cannotListen(cause) : cause);
  }
}
