package io.tidemark.meta.core;

import io.tidemark.common.bus.Barrier;
import io.tidemark.common.bus.BarrierAck;
import io.tidemark.common.bus.Mutation;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.RefreshProgressTable;
import io.tidemark.common.refresh.RefreshState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The leader's side of the protocol.
 *
 * <p>Once a barrier interval, and whenever there is news, the leader renews its lease, reads all
 * active refreshes and decides for each:
 *
 * <pre>
 *  REFRESHING, not merged  ─▶ Start (or Pause) in the barrier
 *  all splits are durable  ─▶ LoadFinish with the Start
 *  REFRESHING, merged      ─▶ guard: Finish │ AwaitApproval │ Fail
 *  AWAITING_APPROVAL       ─▶ nothing: a person decides
 *  FINISHING               ─▶ Finish (or Pause) in the barrier
 *  an executor gave up     ─▶ Fail, but not because of a link that others have
 *  a VNode fails wherever it is claimed, and all others are complete ─▶ Fail
 *  worked past its timeout ─▶ Fail
 *  an owner is silent, or
 *  cut off from the home   ─▶ Release: others claim what it had, and it claims nothing
 *  it is heard again       ─▶ Welcome: it may claim
 *  nobody answers at all   ─▶ MakeWay, if another meta stands by
 * </pre>
 *
 * <p>Level-triggered: nothing depends on an earlier message having arrived. What the state holds is
 * only who was heard of and which epoch is open.
 */
public final class Coordinator {
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** Time of work is counted in portions of at least this. */
  private static final long MIN_COUNT_MILLIS = 500;

  /** More of them are not one VNode's fault. */
  private static final int MAX_POISONOUS = 8;

  private Coordinator() {}

  /** What an event leads to. */
  public record Step(LeaderState state, List<Effect> effects) {
    public Step {
      effects = List.copyOf(effects);
    }
  }

  public static Step handle(LeaderState state, Event event) {
    return switch (event) {
      case Event.Round round -> round(state, round);
      case Event.Acknowledged acknowledged -> acknowledged(state, acknowledged);
      case Event.NodeLeft left -> nodeLeft(state, left);
    };
  }

  private static Step round(LeaderState state, Event.Round round) {
    var now = round.nowNanos();
    var pruned = state.roll().pruned(now);
    var roll = pruned.meeting(strangers(pruned, round.refreshes()), now);
    var live = roll.live(now);
    var failures = Failures.in(roll);
    var effects = new ArrayList<Effect>();
    var mutations = new ArrayList<Mutation>();
    var active = new HashSet<Long>();
    for (var refresh : round.refreshes()) {
      active.add(refresh.id());
      decision(failures, live, refresh).ifPresent(effects::add);
      lostOwners(failures, roll, live, refresh, now).stream()
          .map(
              executor ->
                  new Effect.Release(
                      refresh.id(), executor, roll.silentNanos(executor, now) / NANOS_PER_MILLI))
          .forEach(effects::add);
      mutations.addAll(mutations(refresh, live.size()));
    }
    state.known().stream()
        .filter(id -> !active.contains(id))
        .sorted()
        .map(Effect.Ended::new)
        .forEach(effects::add);
    round.barred().stream()
        .filter(executor -> roll.isLive(executor, now))
        .sorted()
        .map(Effect.Welcome::new)
        .forEach(effects::add);
    var decided = !effects.isEmpty();
    state.open().map(open -> new Effect.EpochLate(open.epoch())).ifPresent(effects::add);
    var worked = (now - state.countedNanos()) / NANOS_PER_MILLI;
    var counts = worked >= MIN_COUNT_MILLIS;
    if (counts && !active.isEmpty()) {
      effects.add(new Effect.CountWork(worked));
    }
    effects.add(new Effect.Emit(new Barrier(state.term(), round.epoch(), mutations)));
    if (decided) {
      effects.add(new Effect.LookAgain());
    }
    if (!active.isEmpty() && roll.isDeaf(now)) {
      effects.add(new Effect.MakeWay());
    }
    var open = new LeaderState.OpenEpoch(round.epoch(), now, live);
    var next =
        new LeaderState(
            state.term(),
            roll.emitted(now),
            active,
            Optional.of(open),
            counts ? now : state.countedNanos());
    return new Step(next, effects);
  }

  private static Step acknowledged(LeaderState state, Event.Acknowledged event) {
    var ack = event.ack();
    if (ack.term() != state.term()) {
      return new Step(state, List.of());
    }
    var roll = state.roll().heard(event.nowNanos(), ack);
    var effects = new ArrayList<Effect>();
    var open = state.open();
    if (open.isPresent()) {
      var epoch = answered(roll, open.get(), event);
      if (epoch.missing().size() == 0) {
        effects.add(new Effect.CommitEpoch(epoch.epoch(), event.nowNanos() - epoch.emittedNanos()));
        open = Optional.empty();
      } else {
        open = Optional.of(epoch);
      }
    }
    if (ack.refreshes().stream().anyMatch(report -> report.work() == BarrierAck.Work.FAILED)) {
      effects.add(new Effect.LookAgain());
    }
    return new Step(
        new LeaderState(state.term(), roll, state.known(), open, state.countedNanos()), effects);
  }

  /** One answer less is missing, and none of those that are lost. */
  private static LeaderState.OpenEpoch answered(
      Roll roll, LeaderState.OpenEpoch open, Event.Acknowledged event) {
    var executor = event.ack().executor();
    var missing =
        roll.hasAnswered(executor, open.epoch())
            ? open.missing().without(executor)
            : open.missing().with(executor, true);
    // The first that lives ends the search: an answer costs the same however many are missing.
    for (var next = missing.first();
        next.isPresent() && roll.isLost(next.get(), event.nowNanos());
        next = missing.first()) {
      missing = missing.without(next.get());
    }
    return new LeaderState.OpenEpoch(open.epoch(), open.emittedNanos(), missing);
  }

  private static Step nodeLeft(LeaderState state, Event.NodeLeft event) {
    var roll = state.roll().left(event.executor());
    return new Step(
        new LeaderState(state.term(), roll, state.known(), state.open(), state.countedNanos()),
        roll.isLost(event.executor(), event.nowNanos())
            ? List.of(new Effect.LookAgain())
            : List.of());
  }

  /** At most one change of state a round. */
  private static Optional<Effect> decision(
      Failures failures, SharedMap<Boolean> live, RefreshRow refresh) {
    return switch (refresh.state()) {
      case REFRESHING ->
          unreadable(refresh)
              .or(() -> failure(failures, live, refresh))
              .or(() -> timeout(refresh))
              .or(() -> trouble(refresh))
              .or(
                  () ->
                      refresh.merged() && !refresh.paused()
                          ? afterMerge(refresh)
                          : Optional.empty());
      case FINISHING ->
          unreadable(refresh)
              .or(() -> failure(failures, live, refresh))
              .or(() -> timeout(refresh))
              .or(() -> trouble(refresh));
      case AWAITING_APPROVAL, SUCCEEDED, FAILED, CANCELLED, REJECTED -> Optional.empty();
    };
  }

  private static Optional<Effect> afterMerge(RefreshRow refresh) {
    var id = refresh.id();
    if (refresh.approved()) {
      return Optional.of(new Effect.Finish(id, refresh.snapshot(), Optional.empty()));
    }
    var trip = Guard.look(refresh.policy().guard(), refresh.rows());
    if (refresh.dryRun()) {
      return Optional.of(
          new Effect.AwaitApproval(
              id, refresh.snapshot(), trip.orElseGet(() -> Guard.dryRun(refresh.rows()))));
    }
    if (trip.isEmpty()) {
      return Optional.of(new Effect.Finish(id, refresh.snapshot(), Optional.empty()));
    }
    return Optional.of(
        switch (refresh.policy().guard().onTrip()) {
          case ASK -> new Effect.AwaitApproval(id, refresh.snapshot(), trip.get());
          case SKIP_DELETES -> new Effect.Finish(id, refresh.snapshot(), trip);
          case FAIL ->
              new Effect.Fail(id, ErrorReport.of(ErrorCode.GUARD_TRIPPED, trip.get().message()));
        });
  }

  private static Optional<Effect> failure(
      Failures failures, SharedMap<Boolean> live, RefreshRow refresh) {
    return failures.of(refresh, live).map(failure -> new Effect.Fail(refresh.id(), failure));
  }

  private static Optional<Effect> unreadable(RefreshRow refresh) {
    return refresh.policy().unreadable().map(why -> new Effect.Fail(refresh.id(), why));
  }

  private static Optional<Effect> timeout(RefreshRow refresh) {
    var limit = refresh.policy().timeoutMillis();
    return limit.isPresent() && refresh.workedMillis() >= limit.getAsLong()
        ? Optional.of(
            new Effect.Fail(
                refresh.id(),
                ErrorReport.of(
                    ErrorCode.TIMEOUT,
                    "it worked longer than its timeout of %d s; %s are complete"
                        .formatted(limit.getAsLong() / 1_000, progress(refresh)))))
        : Optional.empty();
  }

  private static String progress(RefreshRow refresh) {
    return refresh.loading().mergeable()
        ? "%d of %d VNodes".formatted(refresh.completed(), refresh.total())
        : "%d of %d splits".formatted(refresh.loading().completed(), refresh.loading().total());
  }

  /**
   * A VNode or a split that fails wherever it is claimed ends the refresh, but not before the
   * others are complete; many of them have a cause in common, and end it at once.
   */
  private static Optional<Effect> trouble(RefreshRow refresh) {
    var trouble = refresh.trouble();
    if (trouble.workLosses() >= RefreshProgressTable.MAX_TRIES) {
      return Optional.of(
          new Effect.Fail(
              refresh.id(),
              ErrorReport.of(
                  ErrorCode.EXECUTOR_LOST,
                  "%d executors were lost while they %s it"
                      .formatted(trouble.workLosses(), work(refresh)))));
    }
    var loading = refresh.loading();
    var incomplete =
        loading.mergeable()
            ? refresh.total() - refresh.completed()
            : loading.total() - loading.completed();
    var left = incomplete - trouble.poisonous();
    return trouble
        .failure()
        .filter(failure -> left == 0 || trouble.poisonous() > MAX_POISONOUS)
        .map(failure -> new Effect.Fail(refresh.id(), failure));
  }

  private static String work(RefreshRow refresh) {
    if (!refresh.planned()) {
      return "planned";
    }
    return refresh.loading().mergeable() ? "finished" : "built the key of what was loaded for";
  }

  private static Set<String> strangers(Roll roll, List<RefreshRow> refreshes) {
    var strangers = new HashSet<String>();
    for (var refresh : refreshes) {
      for (var owner : refresh.owners()) {
        if (!roll.knows(owner)) {
          strangers.add(owner);
        }
      }
      refresh.workOwner().filter(owner -> !roll.knows(owner)).ifPresent(strangers::add);
    }
    return strangers;
  }

  private static SortedSet<String> lostOwners(
      Failures failures, Roll roll, SharedMap<Boolean> live, RefreshRow refresh, long now) {
    var owners = new TreeSet<>(refresh.owners());
    refresh.workOwner().ifPresent(owners::add);
    var lost = new TreeSet<String>();
    owners.stream().filter(owner -> !live.has(owner) && roll.isLost(owner, now)).forEach(lost::add);
    // Where it is the only one, there is nobody to go on in its place.
    if (live.size() > 1) {
      failures.cutOff(refresh).filter(owners::contains).forEach(lost::add);
    }
    return lost;
  }

  private static List<Mutation> mutations(RefreshRow refresh, int executors) {
    var id = refresh.id();
    if (refresh.state() == RefreshState.AWAITING_APPROVAL) {
      return List.of();
    }
    if (refresh.paused()) {
      return List.of(new Mutation.Pause(id));
    }
    if (refresh.state() == RefreshState.FINISHING) {
      return List.of(new Mutation.Finish(id, refresh.attempt()));
    }
    var mutations = new ArrayList<Mutation>();
    mutations.add(new Mutation.Start(id, refresh.attempt()));
    if (refresh.loading().complete()) {
      mutations.add(new Mutation.LoadFinish(id));
    }
    var limit = refresh.policy().rowsPerSecond();
    if (limit.isPresent()) {
      mutations.add(new Mutation.Throttle(id, share(limit, executors)));
    }
    return mutations;
  }

  private static long share(OptionalLong limit, int executors) {
    return Math.max(1, limit.getAsLong() / Math.max(1, executors));
  }
}
