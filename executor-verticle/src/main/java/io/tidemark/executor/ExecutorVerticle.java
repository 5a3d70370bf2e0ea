package io.tidemark.executor;

import io.tidemark.common.bus.Address;
import io.tidemark.common.bus.Barrier;
import io.tidemark.common.bus.BarrierAck;
import io.tidemark.common.bus.Mutation;
import io.tidemark.common.bus.RefreshNews;
import io.tidemark.common.bus.ValidateTables;
import io.tidemark.executor.lane.BarrierClock;
import io.tidemark.executor.lane.ProgressWriter;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.Message;
import io.vertx.pgclient.PgBuilder;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The executor role of a node: hears barriers, keeps one {@link MaterializeExecutor} for each active
 * refresh, and acknowledges when what was merged is durable. Runs on an event loop and never blocks
 * it; the work is done on virtual threads.
 */
public final class ExecutorVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutorVerticle.class);
  private static final int POOL_SIZE = 2;
  private static final int POOL_QUEUE = 64;

  /** Lanes that wait for a silent server may be acknowledged without: what they merged is durable. */
  private static final long ACK_PATIENCE_MILLIS = 300;

  private static final long ACK_POLL_MILLIS = 5;
  private static final long STOP_PATIENCE_MILLIS = 8_000;

  private final ExecutorSettings settings;
  private final BarrierClock barriers = new BarrierClock();
  private final AtomicLong fencedWrites = new AtomicLong();
  private final Map<Long, Running> running = new HashMap<>();

  private @Nullable Pool home;
  private long term;
  private long epoch;

  public ExecutorVerticle(ExecutorSettings settings) {
    this.settings = settings;
  }

  private record Running(
      MaterializeExecutor executor, ProgressWriter writer, Promise<Void> ended) {}

  @Override
  public Future<?> start() {
    home =
        PgBuilder.pool()
            .connectingTo(settings.home().reactive("tidemark executor"))
            .with(new PoolOptions().setMaxSize(POOL_SIZE).setMaxWaitQueueSize(POOL_QUEUE))
            .using(vertx)
            .build();
    var fencedCounter = settings.meters().counter("tidemark.fenced.writes", "role", "executor");
    settings.meters().gauge("tidemark.fenced.writes.seen", fencedWrites);
    LOG.atDebug().addKeyValue("counter", fencedCounter.getId()).log("executor starts");
    vertx.eventBus().<Barrier>consumer(Address.BARRIER, message -> onBarrier(message.body()));
    vertx.eventBus().<ValidateTables>consumer(Address.VALIDATE, this::onValidate);
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    var ends = new ArrayList<Future<Void>>();
    for (var each : running.values()) {
      each.executor().direct(new Directive.End());
      ends.add(each.ended().future());
    }
    var patience = vertx.timer(STOP_PATIENCE_MILLIS).<Void>mapEmpty();
    return Future.any(Future.join(ends), patience)
        .otherwiseEmpty()
        .eventually(() -> home == null ? Future.succeededFuture() : home.close());
  }

  private void onBarrier(Barrier barrier) {
    if (barrier.term() < term || (barrier.term() == term && barrier.epoch() <= epoch)) {
      return;
    }
    term = barrier.term();
    epoch = barrier.epoch();
    barriers.advance(epoch);
    var directives = Directives.of(barrier.mutations());
    directives.forEach((refreshId, directive) -> running(refreshId).executor().direct(directive));
    for (var refreshId : List.copyOf(running.keySet())) {
      if (!directives.containsKey(refreshId)) {
        direct(refreshId, new Directive.End());
      }
    }
    acknowledge(barrier, System.nanoTime());
  }

  private void acknowledge(Barrier barrier, long since) {
    if (barrier.epoch() != epoch) {
      return;
    }
    var waited = (System.nanoTime() - since) / 1_000_000;
    var answered =
        running.values().stream().allMatch(each -> each.executor().hasAnswered(barrier.epoch()));
    if (!answered && waited < ACK_PATIENCE_MILLIS) {
      vertx.setTimer(ACK_POLL_MILLIS, timer -> acknowledge(barrier, since));
      return;
    }
    var flushes = new ArrayList<Future<?>>();
    for (var each : running.values()) {
      flushes.add(each.writer().written());
    }
    Future.join(flushes).onComplete(done -> sendAck(barrier.term(), barrier.epoch()));
  }

  private void sendAck(long ackTerm, long ackEpoch) {
    var reports =
        running.values().stream()
            .map(each -> each.executor().report(fencedWrites.get()))
            .toList();
    vertx
        .eventBus()
        .send(Address.ACK, new BarrierAck(ackTerm, ackEpoch, settings.executorId(), reports));
  }
}
