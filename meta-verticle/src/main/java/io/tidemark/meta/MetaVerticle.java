package io.tidemark.meta;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The meta role of a node: leads while it holds the lease, stands by while another does. Deployed
 * successfully once it has tried for the lease the first time; it keeps trying until it is
 * undeployed.
 */
public final class MetaVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(MetaVerticle.class);
  private static final int POOL_SIZE = 4;
  private static final int POOL_QUEUE = 256;
  private static final int POOL_PATIENCE_SECONDS = 10;

  /** A connection without a word for this long is dropped: its link may be dead. */
  private static final int SILENCE_SECONDS = 20;

  /** Tries for the lease a lease's length: so soon after its end another leads. */
  private static final int TRIES_A_LEASE = 20;

  private static final long MIN_RETRY_MILLIS = 20;
  private static final long MAX_RETRY_MILLIS = 1_000;

  private final MetaSettings settings;
  private final MetaMetrics metrics;
  private @Nullable Pool home;
  private @Nullable Lease lease;
  private @Nullable Leadership leadership;
  private boolean stopping;

  public MetaVerticle(MetaSettings settings) {
    this.settings = settings;
    this.metrics = new MetaMetrics(settings.meters());
  }

  @Override
  public Future<?> start() {
    var pool =
        PgBuilder.pool()
            .connectingTo(settings.home().reactive(settings.connectionName()))
            .with(
                new PoolOptions()
                    .setMaxSize(POOL_SIZE)
                    .setMaxWaitQueueSize(POOL_QUEUE)
                    .setConnectionTimeout(POOL_PATIENCE_SECONDS)
                    .setConnectionTimeoutUnit(TimeUnit.SECONDS))
            .with(new NetClientOptions().setTcpKeepAlive(true).setIdleTimeout(SILENCE_SECONDS))
            .using(vertx)
            .build();
    home = pool;
    lease = new Lease(pool, settings);
    return tryToLead(pool, lease);
  }

  @Override
  public Future<?> stop() {
    stopping = true;
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
    var leading =
        new Leadership(
            vertx,
            settings,
            pool,
            of,
            held.term(),
            metrics,
            pause -> {
              leadership = null;
              vertx.timer(Math.max(1, pause.toMillis())).onSuccess(over -> standBy(pool, of));
            });
    leadership = leading;
    return leading
        .begin(held)
        .recover(
            error -> {
              leadership = null;
              return leading.end().otherwiseEmpty().compose(ended -> Future.failedFuture(error));
            });
  }

  private Future<Void> standBy(Pool pool, Lease of) {
    if (!stopping) {
      var wait =
          Math.clamp(of.length().toMillis() / TRIES_A_LEASE, MIN_RETRY_MILLIS, MAX_RETRY_MILLIS);
      vertx.setTimer(wait, again -> tryToLead(pool, of));
    }
    return Future.succeededFuture();
  }
}
