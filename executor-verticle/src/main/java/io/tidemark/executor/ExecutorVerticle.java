package io.tidemark.executor;

import io.micrometer.core.instrument.Counter;
import io.tidemark.common.bus.Address;
import io.tidemark.common.bus.Barrier;
import io.tidemark.common.bus.BarrierAck;
import io.tidemark.common.bus.RefreshNews;
import io.tidemark.common.bus.ValidateTables;
import io.tidemark.common.bus.ValidationReply;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.executor.lane.BarrierClock;
import io.tidemark.executor.lane.ProgressWriter;
import io.tidemark.executor.validate.Validation;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.Message;
import io.vertx.core.net.NetClientOptions;
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
 * The executor role of a node: hears barriers, keeps one {@link MaterializeExecutor} for each
 * active refresh, and acknowledges when what was merged is durable. Runs on an event loop and never
 * blocks it; the work is done on virtual threads.
 */
public final class ExecutorVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutorVerticle.class);
  private static final int POOL_SIZE = 2;
  private static final int POOL_QUEUE = 64;

  /** No statement of the pool takes long: a connection that is silent for longer is dropped. */
  private static final int SILENCE_SECONDS = 20;

  /**
   * Lanes that wait for a silent server may be acknowledged without: what they merged is durable.
   */
  private static final long ACK_PATIENCE_MILLIS = 300;

  private static final long ACK_POLL_MILLIS = 5;
  private static final long STOP_PATIENCE_MILLIS = 8_000;

  private final ExecutorSettings settings;
  private final BarrierClock barriers = new BarrierClock();
  private final AtomicLong fencedWrites = new AtomicLong();
  private final Counter fencedCounter;
  private final Map<Long, Running> running = new HashMap<>();

  private @Nullable Pool home;

  /** Whether a barrier is not answered yet, and since when: newer ones do not prolong the wait. */
  private boolean waiting;

  private long waitingSince;

  /** Barriers still come while it stops: nothing new is begun for them. */
  private boolean stopping;

  private long term;
  private long epoch;

  /**
   * The newest epoch whose progress is durable. An acknowledgement is repeated with newer reports.
   */
  private long acknowledged;

  public ExecutorVerticle(ExecutorSettings settings) {
    this.settings = settings;
    this.fencedCounter = settings.meters().counter("tidemark.fenced.writes", "role", "executor");
  }

  private record Running(
      MaterializeExecutor executor, ProgressWriter writer, Promise<Void> ended) {}

  @Override
  public Future<?> start() {
    home =
        PgBuilder.pool()
            .connectingTo(settings.home().reactive("tidemark executor"))
            .with(new PoolOptions().setMaxSize(POOL_SIZE).setMaxWaitQueueSize(POOL_QUEUE))
            .with(new NetClientOptions().setTcpKeepAlive(true).setIdleTimeout(SILENCE_SECONDS))
            .using(vertx)
            .build();
    vertx.eventBus().<Barrier>consumer(Address.BARRIER, message -> onBarrier(message.body()));
    vertx.eventBus().<ValidateTables>consumer(Address.VALIDATE, this::onValidate);
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    stopping = true;
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
    directives.forEach(this::direct);
    for (var refreshId : List.copyOf(running.keySet())) {
      if (!directives.containsKey(refreshId)) {
        direct(refreshId, new Directive.End());
      }
    }
    if (!waiting) {
      waiting = true;
      waitingSince = System.nanoTime();
    }
    acknowledge(barrier);
  }

  private void acknowledge(Barrier barrier) {
    if (barrier.epoch() != epoch) {
      return; // a newer one is out: what is true then is said in its answer
    }
    var waited = (System.nanoTime() - waitingSince) / 1_000_000;
    var answered =
        running.values().stream().allMatch(each -> each.executor().hasAnswered(barrier.epoch()));
    if (!answered && waited < ACK_PATIENCE_MILLIS) {
      vertx.setTimer(ACK_POLL_MILLIS, timer -> acknowledge(barrier));
      return;
    }
    waiting = false;
    var flushes = new ArrayList<Future<?>>();
    for (var each : running.values()) {
      flushes.add(each.writer().written());
    }
    Future.join(flushes)
        .onComplete(
            done -> {
              acknowledged = Math.max(acknowledged, barrier.epoch());
              sendAck(barrier.term(), barrier.epoch());
            });
  }

  /** A directive for a refresh that it may not know yet. */
  private void direct(long refreshId, Directive directive) {
    var known = running.get(refreshId);
    if (known == null) {
      if (stopping || directive instanceof Directive.End) {
        return;
      }
      known = begin(refreshId);
      running.put(refreshId, known);
    }
    known.executor().direct(directive);
  }

  private Running begin(long refreshId) {
    var writer = new ProgressWriter(refreshId, pool(), vertx::setTimer, this::onFenced);
    var executor =
        new MaterializeExecutor(
            refreshId,
            settings,
            barriers,
            writer,
            () -> context.runOnContext(news -> onChanged(refreshId)),
            this::onFenced);
    var ended = Promise.<Void>promise();
    Thread.ofVirtual()
        .name("tidemark-materialize-" + refreshId)
        .start(
            () -> {
              try {
                executor.run();
              } finally {
                context.runOnContext(gone -> onEnded(refreshId, ended));
              }
            });
    return new Running(executor, writer, ended);
  }

  /** Lets the leader look at once: the refresh's row, and what this executor says of it. */
  private void onChanged(long refreshId) {
    vertx.eventBus().send(Address.NEWS, new RefreshNews(refreshId));
    if (acknowledged > 0) {
      sendAck(term, acknowledged);
    }
  }

  private void onEnded(long refreshId, Promise<Void> ended) {
    running.remove(refreshId);
    ended.complete();
  }

  private void onFenced() {
    fencedWrites.incrementAndGet();
    fencedCounter.increment();
  }

  private void onValidate(Message<ValidateTables> request) {
    Thread.ofVirtual()
        .name("tidemark-validate")
        .start(
            () -> {
              var problems = problems(request.body());
              context.runOnContext(done -> request.reply(new ValidationReply(problems)));
            });
  }

  private List<ErrorReport> problems(ValidateTables request) {
    try {
      return new Validation(settings).validate(request);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of(ErrorReport.of(ErrorCode.BUG, request.origin() + ": interrupted"));
    } catch (RuntimeException e) {
      LOG.atError().addKeyValue("origin", request.origin()).setCause(e).log("validation failed");
      return List.of(ErrorReport.of(ErrorCode.BUG, request.origin() + ": unexpected: " + e));
    }
  }

  private Pool pool() {
    if (home == null) {
      throw new IllegalStateException("not started");
    }
    return home;
  }

  private void sendAck(long ackTerm, long ackEpoch) {
    var reports =
        running.values().stream().map(each -> each.executor().report(fencedWrites.get())).toList();
    vertx
        .eventBus()
        .send(Address.ACK, new BarrierAck(ackTerm, ackEpoch, settings.executorId(), reports));
  }
}
