package io.tidemark.executor.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One lane: claims VNodes, merges one at a time, and checkpoints at each barrier, at chunk size and
 * at a VNode's end.
 *
 * <pre>
 *  ClaimSome ─▶ Merge ─▶ barrier, chunk full, stop, end ─▶ Write or HandOver ─┬▶ ReadOn
 *   ▲  │ nothing free                                         │ fenced        ├▶ next VNode
 *   │  ▼                                                      ▼               └▶ stop: GiveBack, End
 *   │ End                                        Cut, on with the next VNode
 *   │
 *   ├─ the VNode fails  ─▶ Cut, GiveBackFailed ─▶ on with the next VNode
 *   └─ anything breaks ─▶ Cut, Wait ─▶ Retake what it merged ─▶ Merge from where that stands
 *                           │ not mendable, or for too long
 *                           ▼
 *                         GiveUp
 * </pre>
 *
 * <p>A VNode that it lost to another owner it lets go without a word: nothing it found since the
 * last checkpoint was written. What breaks while it stops, it does not mend: whoever comes next
 * finds what it owned, and takes it.
 */
public final class LaneProtocol {
  private LaneProtocol() {}

  /** What an event leads to: exactly one {@link LaneEffect.Work}, as the last effect. */
  public record Step(LaneState state, List<LaneEffect> effects) {
    public Step {
      effects = List.copyOf(effects);
    }
  }

  /**
   * Its first step.
   *
   * @param retryFor how long a lane that makes no progress keeps trying to reach source or home
   */
  public static Step begin(Duration retryFor) {
    return new Step(LaneState.begin(retryFor), List.of(new LaneEffect.ClaimSome()));
  }

  public static Step handle(LaneState state, LaneEvent event) {
    return switch (event) {
      case LaneEvent.Claimed claimed -> claimed(state.retry(state.retry().reset()), claimed);
      case LaneEvent.Reached reached ->
          checkpoint(state.reaching(reached.epoch(), false), reached.differences());
      case LaneEvent.Ended ended ->
          checkpoint(state.reaching(ended.epoch(), true), ended.differences());
      // Also a position is progress: a Retake waits for it, so that the next try begins behind it.
      case LaneEvent.HandedOver handedOver -> checkpointed(state.retry(state.retry().reset()));
      case LaneEvent.Written written -> checkpointed(state.retry(state.retry().reset()));
      case LaneEvent.Fenced fenced -> fenced(state);
      case LaneEvent.Retaken retaken ->
          goOn(retaken.claim().map(state::retook).orElseGet(state::next));
      case LaneEvent.Broken broken -> broken(state, broken);
      case LaneEvent.Failed failed -> failed(state);
      case LaneEvent.SetAside setAside -> goOn(state.next());
      case LaneEvent.Waited waited -> waited(state);
      case LaneEvent.GivenBack givenBack -> end(state);
    };
  }

  private static Step claimed(LaneState state, LaneEvent.Claimed event) {
    if (!event.found().isEmpty()) {
      return goOn(state.owning(event.found()));
    }
    return event.outdated() && !state.stopping()
        ? new Step(state, List.of(new LaneEffect.LeaveSnapshot(), new LaneEffect.ClaimSome()))
        : end(state);
  }

  private static Step checkpoint(LaneState state, boolean differences) {
    var epoch = state.reached();
    var completed = state.completing();
    return work(
        state,
        differences
            ? new LaneEffect.Write(epoch, completed)
            : new LaneEffect.HandOver(epoch, completed));
  }

  private static Step checkpointed(LaneState before) {
    if (before.completing()) {
      return goOn(before.next());
    }
    var state = before.answered(before.reached());
    return state.stopping() ? goOn(state) : work(state, new LaneEffect.ReadOn());
  }

  private static Step fenced(LaneState state) {
    var count = new LaneEffect.CountFenced(state.claims().getFirst());
    return after(List.of(count, new LaneEffect.Cut()), goOn(state.next()));
  }

  private static Step broken(LaneState state, LaneEvent.Broken event) {
    var cut = List.<LaneEffect>of(new LaneEffect.Cut());
    if (state.stopping()) {
      return after(cut, goOn(state));
    }
    if (!event.mendable()) {
      return after(cut, work(state, new LaneEffect.GiveUp(false)));
    }
    var then = state.claims().isEmpty() ? LaneState.Retrying.CLAIM : LaneState.Retrying.RETAKE;
    return state
        .retry()
        .failed(event.nowNanos())
        .map(
            again ->
                work(
                    state.answered(LaneState.ANY_EPOCH).trying(then, again),
                    new LaneEffect.Wait(again.waitMillis())))
        .map(wait -> after(cut, wait))
        .orElseGet(() -> after(cut, work(state, new LaneEffect.GiveUp(true))));
  }

  /** One VNode that fails does not keep the lane from the others. */
  private static Step failed(LaneState state) {
    return after(
        List.of(new LaneEffect.Cut()),
        work(state, new LaneEffect.GiveBackFailed(state.claims().getFirst())));
  }

  private static Step waited(LaneState before) {
    var state = before.answered(0).retry(before.retry().waited());
    if (state.stopping()) {
      return goOn(state);
    }
    return switch (state.retrying()) {
      case CLAIM -> work(state, new LaneEffect.ClaimSome());
      case RETAKE -> work(state, new LaneEffect.Retake(state.claims().getFirst()));
    };
  }

  /** Between two VNodes. */
  private static Step goOn(LaneState state) {
    if (state.stopping()) {
      return state.claims().isEmpty()
          ? end(state)
          : work(state, new LaneEffect.GiveBack(state.claims()));
    }
    return work(
        state,
        state.claims().isEmpty()
            ? new LaneEffect.ClaimSome()
            : new LaneEffect.Merge(state.claims().getFirst()));
  }

  private static Step end(LaneState state) {
    return work(state.answered(LaneState.ANY_EPOCH), new LaneEffect.End());
  }

  private static Step work(LaneState state, LaneEffect.Work work) {
    return new Step(state, List.of(work));
  }

  private static Step after(List<LaneEffect> first, Step then) {
    var effects = new ArrayList<>(first);
    effects.addAll(then.effects());
    return new Step(then.state(), effects);
  }
}
