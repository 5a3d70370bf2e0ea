package io.tidemark.executor.core;

import io.tidemark.common.bus.Barrier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A node's side of the protocol: hears barriers, begins and directs the work on each refresh that
 * they name, ends what they name no more, and answers.
 *
 * <pre>
 *  barrier ──newer──▶ Advance, Begin, Direct … ─▶ Look ─┬ lanes answered, or patience is over
 *     │                                          ▲      │
 *     └─not above the last: nothing              └──────┘ not yet
 *                                                       ▼
 *                                AwaitDurable ─▶ Answer (term, epoch)
 * </pre>
 *
 * <p>A barrier whose (term, epoch) is not above the last one is nothing: it is late, doubled, or of
 * a leader that leads no more. A newer barrier takes the place of one that is not answered yet.
 */
public final class ExecutorProtocol {
  /**
   * Lanes that wait for a silent server may be acknowledged without: what they merged is durable.
   */
  private static final long PATIENCE_MILLIS = 300;

  private static final long LOOK_AGAIN_MILLIS = 5;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private ExecutorProtocol() {}

  /** What an event leads to. */
  public record Step(ExecutorState state, List<ExecutorEffect> effects) {
    public Step {
      effects = List.copyOf(effects);
    }
  }

  public static Step handle(ExecutorState state, ExecutorEvent event) {
    return switch (event) {
      case ExecutorEvent.Heard heard -> heard(state, heard);
      case ExecutorEvent.Looked looked -> looked(state, looked);
      case ExecutorEvent.Durable durable -> durable(state, durable);
      case ExecutorEvent.Changed changed -> changed(state, changed.refreshId());
      case ExecutorEvent.Left left -> new Step(without(state, left.refreshId()), List.of());
      case ExecutorEvent.Stop stop -> stop(state);
    };
  }

  private static Step heard(ExecutorState state, ExecutorEvent.Heard event) {
    var barrier = event.barrier();
    if (!isNewer(barrier, state)) {
      return new Step(state, List.of());
    }
    var effects = new ArrayList<ExecutorEffect>();
    effects.add(new ExecutorEffect.Advance(barrier.epoch()));
    var directives = Directives.of(barrier.mutations());
    var refreshes = new HashSet<>(state.refreshes());
    directives.forEach(
        (id, directive) -> {
          if (refreshes.contains(id)) {
            effects.add(new ExecutorEffect.Direct(id, directive));
          } else if (!state.stopping() && !(directive instanceof Directive.End)) {
            refreshes.add(id);
            effects.add(new ExecutorEffect.Begin(id));
            effects.add(new ExecutorEffect.Direct(id, directive));
          }
        });
    // What no barrier names has ended. It leaves when its work has really ended.
    state.refreshes().stream()
        .filter(id -> !directives.containsKey(id))
        .sorted()
        .map(id -> new ExecutorEffect.Direct(id, new Directive.End()))
        .forEach(effects::add);
    effects.add(new ExecutorEffect.Look(barrier.epoch(), 0));
    var since =
        state.unansweredSinceNanos().isPresent()
            ? state.unansweredSinceNanos()
            : OptionalLong.of(event.nowNanos());
    return new Step(
        new ExecutorState(
            barrier.term(), barrier.epoch(), state.durable(), since, refreshes, state.stopping()),
        effects);
  }

  private static boolean isNewer(Barrier barrier, ExecutorState state) {
    return barrier.term() > state.term()
        || (barrier.term() == state.term() && barrier.epoch() > state.epoch());
  }

  private static Step looked(ExecutorState state, ExecutorEvent.Looked event) {
    if (event.epoch() != state.epoch() || state.unansweredSinceNanos().isEmpty()) {
      // A newer barrier is out: what is true then is said in its answer.
      return new Step(state, List.of());
    }
    var waited = (event.nowNanos() - state.unansweredSinceNanos().getAsLong()) / NANOS_PER_MILLI;
    if (!event.answered() && waited < PATIENCE_MILLIS) {
      return new Step(state, List.of(new ExecutorEffect.Look(event.epoch(), LOOK_AGAIN_MILLIS)));
    }
    var answered =
        new ExecutorState(
            state.term(),
            state.epoch(),
            state.durable(),
            OptionalLong.empty(),
            state.refreshes(),
            state.stopping());
    return new Step(
        answered, List.of(new ExecutorEffect.AwaitDurable(state.term(), state.epoch())));
  }

  private static Step durable(ExecutorState state, ExecutorEvent.Durable event) {
    var next =
        new ExecutorState(
            state.term(),
            state.epoch(),
            Math.max(state.durable(), event.epoch()),
            state.unansweredSinceNanos(),
            state.refreshes(),
            state.stopping());
    return new Step(next, List.of(new ExecutorEffect.Answer(event.term(), event.epoch())));
  }

  /** The refresh's row is new, and so is what this executor says of it. */
  private static Step changed(ExecutorState state, long refreshId) {
    var effects = new ArrayList<ExecutorEffect>();
    effects.add(new ExecutorEffect.TellLeader(refreshId));
    if (state.durable() > 0) {
      effects.add(new ExecutorEffect.Answer(state.term(), state.durable()));
    }
    return new Step(state, effects);
  }

  private static Step stop(ExecutorState state) {
    var stopping =
        new ExecutorState(
            state.term(),
            state.epoch(),
            state.durable(),
            state.unansweredSinceNanos(),
            state.refreshes(),
            true);
    return new Step(
        stopping,
        state.refreshes().stream()
            .sorted()
            .<ExecutorEffect>map(id -> new ExecutorEffect.Direct(id, new Directive.End()))
            .toList());
  }

  private static ExecutorState without(ExecutorState state, long refreshId) {
    Set<Long> left = new HashSet<>(state.refreshes());
    left.remove(refreshId);
    return new ExecutorState(
        state.term(),
        state.epoch(),
        state.durable(),
        state.unansweredSinceNanos(),
        left,
        state.stopping());
  }
}
