package io.tidemark.meta;

import io.tidemark.common.home.HomePool;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.sqlclient.Pool;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The meta role of a node: leads while it holds the lease, stands by while another does, and then
 * stands in for it on a bus that does not carry it, see {@link Relay}. Deployed successfully once
 * it has tried for the lease the first time; it keeps trying until it is undeployed.
 */
public final class MetaVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(MetaVerticle.class);
  private static final int POOL_SIZE = 4;

  /** Tries for the lease a lease's length: so soon after its end another leads. */
  private static final int TRIES_A_LEASE = 20;

  private static final long MIN_RETRY_MILLIS = 20;
  private static final long MAX_RETRY_MILLIS = 1_000;

  private final MetaSettings settings;
  private final MetaMetrics metrics;
  private @Nullable Pool home;
  private Optional<Relay> relay = Optional.empty();
  private @Nullable Leadership leadership;
  private Set<String> executors = Set.of();
  private boolean stopping;

  public MetaVerticle(MetaSettings settings) {
    this.settings = settings;
    this.metrics = new MetaMetrics(settings.meters());
  }

  @Override
  public Future<?> start() {
    var pool = HomePool.of(vertx, settings.home(), settings.connectionName(), POOL_SIZE);
    home = pool;
    var lease = new Lease(pool, settings);
    // A sync works alone.
    relay =
        settings.leaseKind() == MetaSettings.LeaseKind.SERVER
            ? Optional.of(new Relay(vertx, pool))
            : Optional.empty();
    return relay
        .<Future<?>>map(Relay::start)
        .orElseGet(Future::succeededFuture)
        .compose(hears -> tryToLead(pool, lease));
  }

  @Override
  public Future<?> stop() {
    stopping = true;
    relay.ifPresent(Relay::end);
    var leading = leadership;
    var pool = home;
    return (leading == null ? Future.<Void>succeededFuture() : leading.end())
        .otherwiseEmpty()
        .eventually(() -> pool == null ? Future.succeededFuture() : pool.close());
  }

  private Future<Void> tryToLead(Pool pool, Lease of) {
    return of.acquire()
        .compose(
            held -> {
              if (held.isPresent() && stopping) {
                return of.giveBack(held.get().term());
              }
              return held.isEmpty() ? standBy(pool, of) : lead(pool, of, held.get());
            })
        .recover(
            error -> {
              LOG.atWarn()
                  .addKeyValue("error", error.getMessage())
                  .log("the home did not answer who leads");
              return standBy(pool, of);
            });
  }

  private Future<Void> lead(Pool pool, Lease of, Lease.Held held) {
    relay.ifPresent(Relay::rest);
    var leading =
        new Leadership(
            vertx,
            settings,
            pool,
            of,
            held.term(),
            metrics,
            executors,
            pause -> {
              remember();
              vertx.timer(Math.max(1, pause.toMillis())).onSuccess(over -> standBy(pool, of));
            });
    leadership = leading;
    return leading
        .begin(held)
        .recover(
            error -> {
              remember();
              return leading.end().otherwiseEmpty().compose(ended -> Future.failedFuture(error));
            });
  }

  /** Leads no more: but after a moment without the home it may again. */
  private void remember() {
    if (leadership != null) {
      executors = leadership.executors();
    }
    leadership = null;
  }

  private Future<Void> standBy(Pool pool, Lease of) {
    if (!stopping) {
      var wait =
          Math.clamp(of.length().toMillis() / TRIES_A_LEASE, MIN_RETRY_MILLIS, MAX_RETRY_MILLIS);
      relay.ifPresent(Relay::look);
      vertx.setTimer(wait, again -> tryToLead(pool, of));
    }
    return Future.succeededFuture();
  }
}
