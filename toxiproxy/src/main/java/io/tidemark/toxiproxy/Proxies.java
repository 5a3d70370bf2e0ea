package io.tidemark.toxiproxy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.random.RandomGenerator;

/**
 * Proxies by their names: all that a Toxiproxy server does, without its HTTP API.
 *
 * <p>Commands may be given from any thread. They are carried out one after the other; each is done
 * when its future completes. They fail with a {@link ToxiproxyException}.
 */
public final class Proxies {
  private final Vertx vertx;
  private final RandomGenerator random;
  private final Turns turns;
  private final ProxyMetrics metrics = new ProxyMetrics();
  private final NavigableMap<String, Proxy> proxies = new ConcurrentSkipListMap<>();

  private Proxies(Vertx vertx, RandomGenerator random) {
    this.vertx = vertx;
    this.random = random;
    this.turns = new Turns(vertx.getOrCreateContext());
  }

  /** None yet. */
  public static Proxies none(Vertx vertx) {
    return none(vertx, System.nanoTime());
  }

  /**
   * None yet.
   *
   * @param seed of the dice that toxics throw: toxicity, jitter, sizes of slices
   */
  public static Proxies none(Vertx vertx, long seed) {
    return new Proxies(vertx, new Random(seed));
  }

  /** In the order of their names. */
  public List<Proxy> all() {
    return List.copyOf(proxies.values());
  }

  /** The one of this name. */
  public Optional<Proxy> find(String name) {
    return Optional.ofNullable(proxies.get(name));
  }

  /** Bytes of all links that have ended. */
  public ProxyMetrics metrics() {
    return metrics;
  }

  /** Makes an enabled proxy on any free local port. */
  public Future<Proxy> create(String name, String upstream) {
    return create(ProxyRequest.to(name, upstream));
  }

  /** Makes a proxy. Where it should be enabled and cannot listen, there is none. */
  public Future<Proxy> create(ProxyRequest request) {
    return turns.take(
        () ->
            proxies.containsKey(request.name())
                ? Future.failedFuture(ToxiproxyException.proxyExists())
                : put(request));
  }

  /**
   * Makes those that are not there, and replaces those that listen or connect elsewhere. Others
   * stay untouched, those of the same name and addresses too, with their toxics and connections,
   * and whether they are enabled.
   *
   * @return in the order of the requests; or fails with a {@link PopulateException} at the first
   *     that cannot listen
   */
  public Future<List<Proxy>> populate(List<ProxyRequest> requests) {
    return turns.take(() -> populate(List.copyOf(requests), new ArrayList<>()));
  }

  /** Removes a proxy and closes its connections. */
  public Future<Void> delete(String name) {
    return turns.take(
        () ->
            find(name)
                .map(proxy -> proxy.retire().onSuccess(retired -> proxies.remove(name)))
                .orElseGet(() -> Future.failedFuture(ToxiproxyException.noProxy())));
  }

  /** Enables all proxies and removes all toxics. Stops at the first that cannot listen. */
  public Future<Void> reset() {
    return turns.take(
        () -> {
          Future<Void> reset = Future.succeededFuture();
          for (var proxy : all()) {
            reset =
                reset
                    .compose(before -> proxy.enable())
                    .compose(enabled -> proxy.heal())
                    .compose(healed -> proxy.removeAll());
          }
          return reset;
        });
  }

  /** Removes all proxies and closes all connections. */
  public Future<Void> clear() {
    return turns.take(
        () -> {
          var retired = all().stream().map(Proxy::retire).toList();
          return Future.join(retired).<Void>mapEmpty().onComplete(all -> proxies.clear());
        });
  }

  private Future<List<Proxy>> populate(List<ProxyRequest> requests, List<Proxy> done) {
    if (done.size() == requests.size()) {
      return Future.succeededFuture(List.copyOf(done));
    }
    return populate(requests.get(done.size()))
        .recover(cause -> Future.failedFuture(new PopulateException(cause, List.copyOf(done))))
        .compose(
            proxy -> {
              done.add(proxy);
              return populate(requests, done);
            });
  }

  private Future<Proxy> populate(ProxyRequest request) {
    var existing = find(request.name());
    if (existing.isEmpty()) {
      return put(request);
    }
    var proxy = existing.get();
    return proxy
        .differs(request.listen(), request.upstream())
        .compose(
            differs ->
                differs
                    ? proxy.disable().compose(stopped -> put(request))
                    : Future.succeededFuture(proxy));
  }

  private Future<Proxy> put(ProxyRequest request) {
    var proxy =
        new Proxy(vertx, request.name(), request.listen(), request.upstream(), random, metrics);
    Future<Void> started = request.enabled() ? proxy.enable() : Future.succeededFuture();
    return started.map(
        enabled -> {
          proxies.put(request.name(), proxy);
          return proxy;
        });
  }
}
