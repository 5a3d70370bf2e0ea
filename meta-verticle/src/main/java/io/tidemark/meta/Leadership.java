package io.tidemark.meta;

import io.tidemark.common.bus.Address;
import io.tidemark.common.bus.BarrierAck;
import io.tidemark.common.bus.Command;
import io.tidemark.common.bus.CommandReply;
import io.tidemark.common.bus.ExecutorList;
import io.tidemark.common.bus.ListExecutors;
import io.tidemark.common.bus.NodeLeft;
import io.tidemark.common.bus.RefreshNews;
import io.tidemark.common.refresh.RefreshTrigger;
import io.tidemark.meta.core.Coordinator;
import io.tidemark.meta.core.Effect;
import io.tidemark.meta.core.Event;
import io.tidemark.meta.core.LeaderState;
import io.tidemark.meta.core.RefreshRow;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One term of this node as leader: the shell around {@link Coordinator}. Runs on one event loop.
 * Rounds never overlap; news that arrives in one begins another after it.
 */
final class Leadership {
  private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);

  /** Rounds that news asks for are at least this far apart. */
  private static final long MIN_ROUND_MILLIS = 10;

  private static final long MIN_SILENCE_MILLIS = 3_000;
  private static final int SILENT_BARRIERS = 3;
  private static final long SCHEDULE_MILLIS = 1_000;

  private final Vertx vertx;
  private final MetaSettings settings;
  private final Lease lease;
  private final long term;
  private final Consumer<Duration> lost;
  private final MetaMetrics metrics;
  private final ActiveRefreshes refreshes;
  private final LostExecutors barred;
  private final Commands commands;
  private final LeaderEffects effects;
  private final Schedules schedules;
  private final Correspondence correspondence;
  private final List<MessageConsumer<?>> consumers = new ArrayList<>();

  private LeaderState state;
  private Future<Void> running = Future.succeededFuture();
  private Future<Void> acting = Future.succeededFuture();
  private boolean busy;
  private boolean again;
  private boolean over;
  private boolean delayed;
  private long renewedNanos = System.nanoTime();
  private long roundNanos;

  /** When the home refused something the last time. */
  private long refusedNanos;

  private long scheduledNanos;
  private long timer = -1;

  /**
   * @param executors that this node has heard of when it led the last time
   * @param lost called once, where it leads no more before {@link #end}, with how long to leave the
   *     lease to others
   */
  Leadership(
      Vertx vertx,
      MetaSettings settings,
      Pool home,
      Lease lease,
      long term,
      MetaMetrics metrics,
      Set<String> executors,
      Consumer<Duration> lost) {
    this.vertx = vertx;
    this.settings = settings;
    this.lease = lease;
    this.term = term;
    this.lost = lost;
    this.metrics = metrics;
    this.refreshes = new ActiveRefreshes(home);
    this.barred = new LostExecutors(home);
    var fence = new TermFence(settings.nodeId(), term, metrics::fenced);
    var writes = new LeaderWrites(home, fence);
    this.commands = new Commands(home, writes, new Requests(home, settings.nodeId(), term));
    this.effects =
        new LeaderEffects(
            vertx.eventBus(),
            home,
            writes,
            new RecoveryWrites(home, fence),
            new Janitor(home, settings.nodeId(), term, settings.timing().retention()),
            metrics);
    this.schedules = new Schedules(home);
    this.correspondence =
        // What comes by way of the home counts like what comes over the bus.
        new Correspondence(
            vertx,
            home,
            term,
            new Correspondence.Reader(this::onAck, this::onNews, this::answer, this::seen));
    this.refusedNanos = System.nanoTime() - barrierNanos();
    this.state =
        LeaderState.begin(
            term,
            System.nanoTime(),
            silenceNanos(settings),
            executors,
            settings.clusterNodes().get());
  }

  private static long silenceNanos(MetaSettings settings) {
    return TimeUnit.MILLISECONDS.toNanos(
        Math.max(
            MIN_SILENCE_MILLIS, SILENT_BARRIERS * settings.timing().barrierInterval().toMillis()));
  }

  /** Takes over what is unfinished, then leads until {@link #end} or until the lease is lost. */
  Future<Void> begin(Lease.Held held) {
    return effects
        .takeOver(held, settings.renewed(), settings.leaseKind() == MetaSettings.LeaseKind.SYNC)
        .onSuccess(
            done -> {
              if (!over) {
                lead();
              }
            });
  }

  /** The executors that it has heard of. */
  Set<String> executors() {
    var names = new HashSet<String>();
    state.roll().entries().forEach((executor, entry) -> names.add(executor));
    return names;
  }

  /** Leads no more; others may at once. */
  Future<Void> end() {
    stopLeading();
    return running
        .otherwiseEmpty()
        .eventually(() -> acting)
        .eventually(effects::idle)
        .eventually(() -> lease.giveBack(term));
  }

  private void lead() {
    LOG.atInfo().addKeyValue("term", term).addKeyValue("node", settings.nodeId()).log("leading");
    var bus = vertx.eventBus();
    consumers.add(bus.<BarrierAck>consumer(Address.ACK, ack -> onAck(ack.body())));
    consumers.add(bus.<RefreshNews>consumer(Address.NEWS, news -> onNews()));
    consumers.add(bus.<Command>consumer(Address.command(term), this::onCommand));
    consumers.add(bus.<ListExecutors>consumer(Address.executors(term), ask -> ask.reply(seen())));
    consumers.add(bus.<NodeLeft>localConsumer(Address.NODE_LEFT, left -> onLeft(left.body())));
    if (isShared()) {
      correspondence.begin();
    }
    timer = vertx.setPeriodic(settings.timing().barrierInterval().toMillis(), tick -> round());
    // An answer to a barrier that comes before it is known who hears answers would be lost.
    Future.join(consumers.stream().map(MessageConsumer::completion).toList())
        .timeout(settings.timing().barrierInterval().toMillis(), TimeUnit.MILLISECONDS)
        .onComplete(heard -> round());
  }

  private void stopLeading() {
    if (over) {
      return;
    }
    over = true;
    vertx.cancelTimer(timer);
    correspondence.end();
    consumers.forEach(MessageConsumer::unregister);
    metrics.clear();
  }

  private void onAck(BarrierAck ack) {
    perform(new Event.Acknowledged(System.nanoTime(), ack));
  }

  private void onLeft(NodeLeft left) {
    perform(new Event.NodeLeft(System.nanoTime(), left.node()));
  }

  /** What the home has just refused is not asked again before the next interval, whatever comes. */
  private void onNews() {
    if (System.nanoTime() - refusedNanos < barrierNanos()) {
      return;
    }
    var wait = MIN_ROUND_MILLIS - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - roundNanos);
    if (wait <= 0) {
      round();
    } else if (!delayed) {
      delayed = true;
      vertx.setTimer(
          wait,
          late -> {
            delayed = false;
            round();
          });
    }
  }

  private long barrierNanos() {
    return settings.timing().barrierInterval().toNanos();
  }

  private void onCommand(Message<Command> message) {
    answer(message.body()).onSuccess(message::reply);
  }

  /** Never fails. */
  private Future<CommandReply> answer(Command command) {
    return commands
        .handle(command)
        .onSuccess(
            reply -> {
              LOG.atInfo().addKeyValue("command", command).addKeyValue("reply", reply).log("asked");
              round();
            })
        .otherwise(
            error -> {
              LOG.atWarn()
                  .addKeyValue("command", command)
                  .addKeyValue("error", error.getMessage())
                  .log("command failed");
              return HomeErrors.refused(error);
            });
  }

  private ExecutorList seen() {
    return RollCall.of(state.roll(), System.nanoTime());
  }

  /** A sync works alone. */
  private boolean isShared() {
    return settings.leaseKind() == MetaSettings.LeaseKind.SERVER;
  }

  /** Renews the lease, looks, decides, acts. */
  private void round() {
    if (over) {
      return;
    }
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    var begun = System.nanoTime();
    roundNanos = begun;
    running =
        lease
            .renew(term)
            .compose(
                epoch -> {
                  if (epoch.isEmpty()) {
                    metrics.fenced();
                    leaseLost("another leads, or it ran out");
                    return Future.<Void>succeededFuture();
                  }
                  renewedNanos = Math.max(renewedNanos, begun);
                  return refreshes
                      .read()
                      .compose(
                          active ->
                              barred
                                  .read()
                                  .compose(lost -> decide(epoch.getAsLong(), active, lost)))
                      .compose(done -> schedule());
                })
            .timeout(lease.length().toMillis(), TimeUnit.MILLISECONDS)
            .onFailure(this::onRoundFailed)
            .onComplete(done -> rest());
  }

  private Future<Void> decide(long epoch, List<RefreshRow> active, Set<String> lost) {
    return over
        ? Future.succeededFuture()
        : perform(new Event.Round(System.nanoTime(), epoch, active, lost));
  }

  private void rest() {
    busy = false;
    if (again) {
      again = false;
      onNews();
    }
  }

  private void onRoundFailed(Throwable error) {
    LOG.atWarn()
        .addKeyValue("term", term)
        .addKeyValue("error", error.getMessage())
        .log("the home did not answer the leader");
    if (Duration.ofNanos(System.nanoTime() - renewedNanos).compareTo(lease.length()) > 0) {
      leaseLost("the home is away");
    }
  }

  /** One table that is refused does not keep the others from their turn. */
  private Future<Void> ask(Command.Request request) {
    return commands
        .handle(request)
        .<Void>mapEmpty()
        .otherwise(
            error -> {
              LOG.atWarn()
                  .addKeyValue("table", request.table())
                  .addKeyValue("error", error.getMessage())
                  .log("scheduled refresh not started");
              return null;
            });
  }

  private void leaseLost(String why) {
    if (!over) {
      LOG.atWarn().addKeyValue("term", term).addKeyValue("why", why).log("leads no more");
      stopLeading();
      lost.accept(Duration.ZERO);
    }
  }

  /** Whoever takes the lease may hear the executors, which this node does not. */
  private Future<Void> makeWay() {
    return lease
        .isWanted()
        .compose(
            wanted -> {
              if (!wanted || over) {
                return Future.<Void>succeededFuture();
              }
              LOG.atWarn().addKeyValue("term", term).log("no executor answers, another may lead");
              stopLeading();
              return lease
                  .giveBack(term)
                  .onComplete(done -> lost.accept(lease.length().multipliedBy(2)));
            })
        .otherwiseEmpty();
  }

  private Future<Void> perform(Event event) {
    if (over) {
      return Future.succeededFuture();
    }
    var step = Coordinator.handle(state, event);
    state = step.state();
    var all = Future.succeededFuture(true);
    for (var effect : step.effects()) {
      all = all.compose(done -> carryOut(effect, done));
    }
    var these =
        all.<Void>map(
            done -> {
              if (!done) {
                refusedNanos = System.nanoTime();
              }
              return null;
            });
    acting = acting.eventually(() -> these);
    return these;
  }

  /** Whether it succeeded, and those before it. */
  private Future<Boolean> carryOut(Effect effect, boolean before) {
    if (effect instanceof Effect.LookAgain) {
      if (before) {
        onNews();
      }
      return Future.succeededFuture(before);
    }
    if (effect instanceof Effect.MakeWay) {
      return makeWay().map(before);
    }
    if (over) {
      // What is left undone, the next leader wants again.
      return Future.succeededFuture(before);
    }
    if (effect instanceof Effect.Emit emit && isShared()) {
      correspondence.announce(emit.barrier());
    }
    return effects.perform(effect).map(done -> done && before);
  }

  /**
   * At most once a second: asks for the refreshes whose time has come. Not in a sync, which
   * refreshes what it was told to.
   */
  private Future<Void> schedule() {
    if (over
        || settings.leaseKind() == MetaSettings.LeaseKind.SYNC
        || System.nanoTime() - scheduledNanos < TimeUnit.MILLISECONDS.toNanos(SCHEDULE_MILLIS)) {
      return Future.succeededFuture();
    }
    scheduledNanos = System.nanoTime();
    return schedules
        .due()
        .compose(
            tables -> {
              Future<Void> all = Future.succeededFuture();
              for (var table : tables) {
                var request = new Command.Request(table, false, RefreshTrigger.SCHEDULE);
                all = all.compose(done -> ask(request));
              }
              return tables.isEmpty() ? all : all.andThen(done -> onNews());
            });
  }
}
