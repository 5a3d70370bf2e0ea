package io.tidemark.meta;

import io.tidemark.common.bus.Address;
import io.tidemark.common.bus.ProgressNews;
import io.tidemark.common.home.RefreshViews;
import io.tidemark.common.refresh.GuardReport;
import io.tidemark.common.refresh.RefreshView;
import io.tidemark.meta.core.Effect;
import io.tidemark.meta.core.Guard;
import io.vertx.core.Future;
import io.vertx.core.eventbus.EventBus;
import io.vertx.sqlclient.SqlClient;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out what the {@link io.tidemark.meta.core.Coordinator} wants. */
final class LeaderEffects {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderEffects.class);

  private final EventBus bus;
  private final SqlClient home;
  private final RefreshViews views;
  private final GuardSample sample;
  private final LeaderWrites writes;
  private final RecoveryWrites recovery;
  private final Janitor janitor;
  private final MetaMetrics metrics;
  private Future<Void> sweeping = Future.succeededFuture();

  LeaderEffects(
      EventBus bus,
      SqlClient home,
      LeaderWrites writes,
      RecoveryWrites recovery,
      Janitor janitor,
      MetaMetrics metrics) {
    this.bus = bus;
    this.home = home;
    this.views = new RefreshViews(home);
    this.sample = new GuardSample(home);
    this.writes = writes;
    this.recovery = recovery;
    this.janitor = janitor;
    this.metrics = metrics;
  }

  /**
   * At the beginning of a term.
   *
   * @param renewed see {@link MetaSettings}
   * @param alone see {@link RecoveryWrites#takeOver}
   */
  Future<Void> takeOver(Lease.Held held, Set<String> renewed, boolean alone) {
    return (renewed.isEmpty() ? Future.<Void>succeededFuture() : writes.renew(renewed))
        .compose(done -> recovery.takeOver(!held.clean(), held.silentMillis(), alone))
        .compose(done -> views.active())
        .compose(
            active -> {
              active.forEach(view -> metrics.saw(view, true));
              return metrics.lastSuccess(home);
            })
        .onSuccess(done -> sweep());
  }

  /**
   * Never fails: what did not succeed is wanted again in the next round.
   *
   * @return whether it succeeded
   */
  Future<Boolean> perform(Effect effect) {
    return carryOut(effect)
        .map(true)
        .otherwise(
            error -> {
              LOG.atWarn()
                  .addKeyValue("effect", effect)
                  .addKeyValue("error", error.getMessage())
                  .log("not done yet");
              return false;
            });
  }

  private Future<Void> carryOut(Effect effect) {
    return switch (effect) {
      case Effect.Finish finish ->
          skipped(finish)
              .compose(report -> writes.finish(finish.refreshId(), finish.snapshot(), report))
              .compose(show(finish.refreshId()));
      case Effect.AwaitApproval await -> awaitApproval(await);
      case Effect.Fail fail -> {
        LOG.atError()
            .addKeyValue("refresh", fail.refreshId())
            .addKeyValue("code", fail.error().code())
            .addKeyValue("vnode", fail.error().vnode())
            .addKeyValue("error", fail.error().message())
            .log("refresh failed");
        yield writes.fail(fail.refreshId(), fail.error()).mapEmpty();
      }
      case Effect.Release release -> {
        LOG.atWarn()
            .addKeyValue("refresh", release.refreshId())
            .addKeyValue("executor", release.executor())
            .log("executor lost, its VNodes are released");
        yield recovery
            .release(release.refreshId(), release.executor(), release.silentMillis())
            .compose(show(release.refreshId()));
      }
      case Effect.Welcome welcome -> {
        LOG.atInfo().addKeyValue("executor", welcome.executor()).log("executor is heard again");
        yield recovery.welcome(welcome.executor()).mapEmpty();
      }
      case Effect.CountWork count -> writes.countWork(count.millis()).mapEmpty();
      case Effect.CommitEpoch commit -> commit(commit);
      case Effect.EpochLate late -> {
        metrics.late();
        yield Future.succeededFuture();
      }
      case Effect.Ended ended -> ended(ended.refreshId());
      case Effect.Emit emit -> {
        bus.publish(Address.BARRIER, emit.barrier());
        yield Future.succeededFuture();
      }
      case Effect.MakeWay way -> Future.succeededFuture();
      case Effect.LookAgain again -> Future.succeededFuture();
    };
  }

  private Future<Void> awaitApproval(Effect.AwaitApproval await) {
    var id = await.refreshId();
    return report(id, await.trip(), false)
        .compose(
            report ->
                report.isEmpty()
                    ? Future.succeededFuture(false)
                    : writes.awaitApproval(id, await.snapshot(), report.get()))
        .compose(show(id));
  }

  private Future<Optional<GuardReport>> skipped(Effect.Finish finish) {
    return finish
        .skipped()
        .map(trip -> report(finish.refreshId(), trip, true))
        .orElseGet(() -> Future.succeededFuture(Optional.empty()));
  }

  /** Empty where the refresh is gone. */
  private Future<Optional<GuardReport>> report(long id, Guard.Trip trip, boolean skips) {
    return sample
        .of(id)
        .compose(
            keys ->
                views
                    .view(id)
                    .map(
                        found ->
                            found.map(
                                view ->
                                    new GuardReport(
                                        trip.reason(),
                                        trip.message(),
                                        view.rows().targetRows(),
                                        view.rows(),
                                        keys,
                                        skips ? view.rows().deleted() : 0))));
  }

  private Future<Void> commit(Effect.CommitEpoch commit) {
    metrics.committed(commit.latencyNanos());
    return views
        .active()
        .compose(
            active ->
                active.isEmpty()
                    ? metrics.gauges(home)
                    : writes
                        .commitEpoch(commit.epoch(), active)
                        .compose(
                            done -> {
                              active.forEach(this::publish);
                              return metrics.gauges(home);
                            }));
  }

  private Future<Void> ended(long refreshId) {
    return views
        .view(refreshId)
        .compose(
            view -> {
              view.ifPresent(
                  end -> {
                    metrics.ended(end);
                    publish(end);
                  });
              return metrics.lastSuccess(home);
            })
        .compose(done -> metrics.gauges(home))
        .onSuccess(done -> sweep());
  }

  /** Aside, one run at a time: a table that somebody reads must not hold up the leader. */
  private void sweep() {
    if (sweeping.isComplete()) {
      sweeping = janitor.run().otherwiseEmpty();
    }
  }

  /** When nothing is under way aside. */
  Future<Void> idle() {
    return sweeping;
  }

  private Function<Boolean, Future<Void>> show(long refreshId) {
    return changed ->
        views
            .view(refreshId)
            .map(
                view -> {
                  view.ifPresent(this::publish);
                  return null;
                });
  }

  private void publish(RefreshView view) {
    if (view.state().active()) {
      metrics.saw(view, false);
    }
    bus.publish(Address.PROGRESS, new ProgressNews(view));
  }
}
