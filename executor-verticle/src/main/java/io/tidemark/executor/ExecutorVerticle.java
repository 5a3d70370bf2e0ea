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
import io.tidemark.common.home.HomePool;
import io.tidemark.executor.core.ExecutorEffect;
import io.tidemark.executor.core.ExecutorEvent;
import io.tidemark.executor.core.ExecutorProtocol;
import io.tidemark.executor.core.ExecutorState;
import io.tidemark.executor.lane.BarrierClock;
import io.tidemark.executor.lane.ProgressWriter;
import io.tidemark.executor.validate.Validation;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.Message;
import io.vertx.sqlclient.Pool;
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
 * blocks it; the work is done on virtual threads. {@link ExecutorProtocol} decides.
 */
public final class ExecutorVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutorVerticle.class);
  private static final int POOL_SIZE = 2;

  private static final long STOP_PATIENCE_MILLIS = 8_000;

  private final ExecutorSettings settings;
  private final BarrierClock barriers = new BarrierClock();
  private final AtomicLong fencedWrites = new AtomicLong();
  private final Counter fencedCounter;
  private final Map<Long, Running> running = new HashMap<>();

  private @Nullable Pool home;
  private ExecutorState state = ExecutorState.begin();

  public ExecutorVerticle(ExecutorSettings settings) {
    this.settings = settings;
    this.fencedCounter = settings.meters().counter("tidemark.fenced.writes", "role", "executor");
  }

  private record Running(
      MaterializeExecutor executor, ProgressWriter writer, Promise<Void> ended) {}

  @Override
  public Future<?> start() {
    home = HomePool.of(vertx, settings.home(), "tidemark executor", POOL_SIZE);
    var bus = vertx.eventBus();
    // Deployed once it is heard: in a cluster that takes a moment.
    return Future.join(
        bus.<Barrier>consumer(Address.BARRIER, message -> onBarrier(message.body())).completion(),
        bus.<ValidateTables>consumer(Address.VALIDATE, this::onValidate).completion());
  }

  @Override
  public Future<?> stop() {
    var ends = running.values().stream().map(each -> each.ended().future()).toList();
    handle(new ExecutorEvent.Stop());
    var patience = vertx.timer(STOP_PATIENCE_MILLIS).<Void>mapEmpty();
    return Future.any(Future.join(ends), patience)
        .otherwiseEmpty()
        .eventually(() -> home == null ? Future.succeededFuture() : home.close());
  }

  private void onBarrier(Barrier barrier) {
    handle(new ExecutorEvent.Heard(System.nanoTime(), barrier));
  }

  private void handle(ExecutorEvent event) {
    var step = ExecutorProtocol.handle(state, event);
    state = step.state();
    step.effects().forEach(this::perform);
  }

  private void perform(ExecutorEffect effect) {
    switch (effect) {
      case ExecutorEffect.Advance advance -> barriers.advance(advance.epoch());
      case ExecutorEffect.Begin begin -> running.put(begin.refreshId(), begin(begin.refreshId()));
      case ExecutorEffect.Direct direct -> {
        var known = running.get(direct.refreshId());
        if (known != null) {
          known.executor().direct(direct.directive());
        }
      }
      case ExecutorEffect.Look look -> {
        if (look.afterMillis() == 0) {
          look(look.epoch());
        } else {
          vertx.setTimer(look.afterMillis(), timer -> look(look.epoch()));
        }
      }
      case ExecutorEffect.AwaitDurable await ->
          Future.join(running.values().stream().map(each -> each.writer().written()).toList())
              .onComplete(done -> handle(new ExecutorEvent.Durable(await.term(), await.epoch())));
      case ExecutorEffect.Answer answer -> sendAck(answer.term(), answer.epoch());
      case ExecutorEffect.TellLeader tell ->
          vertx.eventBus().publish(Address.NEWS, new RefreshNews(tell.refreshId()));
    }
  }

  private void look(long epoch) {
    var answered = running.values().stream().allMatch(each -> each.executor().hasAnswered(epoch));
    handle(new ExecutorEvent.Looked(System.nanoTime(), epoch, answered));
  }

  private Running begin(long refreshId) {
    var writer = new ProgressWriter(refreshId, pool(), vertx::setTimer, this::onFenced);
    var executor =
        new MaterializeExecutor(
            refreshId,
            settings,
            barriers,
            writer,
            () -> context.runOnContext(news -> handle(new ExecutorEvent.Changed(refreshId))),
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

  private void onEnded(long refreshId, Promise<Void> ended) {
    running.remove(refreshId);
    handle(new ExecutorEvent.Left(refreshId));
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
        .publish(Address.ACK, new BarrierAck(ackTerm, ackEpoch, settings.executorId(), reports));
  }
}
