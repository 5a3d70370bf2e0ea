package io.tidemark.executor.core;

import io.tidemark.common.bus.BarrierAck;
import io.tidemark.common.error.ErrorReport;
import java.util.ArrayList;
import java.util.List;

/**
 * One refresh on one executor: follows the newest barrier, one step at a time.
 *
 * <pre>
 *  Run     Load ─▶ Plan, where nobody has ─▶ Look ─▶ Merge ─▶ Flush ─▶ idle until the next barrier
 *                          │ another plans it, │ nothing free
 *                          │ or nothing changed│
 *                          └───────────────────┴──────────────────▶ idle
 *          staged: Look ─▶ LoadSplits, while there are any ─▶ idle
 *                  Look ─▶ FinishLoad, once the barrier says LoadFinish ─▶ Look ─▶ Merge …
 *  Finish  Load ─▶ Finish ─▶ idle
 *  Pause   lanes stop after a checkpoint ─▶ idle
 *  End     lanes stop after a checkpoint ─▶ Leave
 *
 *  a step fails, mendable     ─▶ Wait, then from Load again; idle where something else is wanted
 *  lanes are cut off          ─▶ likewise, and others may claim what they had
 *  a step fails for good, or
 *  was tried for long enough  ─▶ gives up on the attempt and says so in every report, until a
 *                                barrier ends the refresh or names a higher attempt
 * </pre>
 *
 * <p>It holds no truth: each step reads from Postgres first what it depends on.
 */
public final class MaterializeProtocol {
  private MaterializeProtocol() {}

  /** What an event leads to: at most one {@link MaterializeEffect.Work}, as the last effect. */
  public record Step(MaterializeState state, List<MaterializeEffect> effects) {
    public Step {
      effects = List.copyOf(effects);
    }
  }

  public static Step handle(MaterializeState state, MaterializeEvent event) {
    return switch (event) {
      case MaterializeEvent.Directed directed -> directed(state, directed.directive());
      case MaterializeEvent.Loaded loaded -> loaded(state, loaded);
      case MaterializeEvent.Planned planned ->
          planned.stored() ? prepared(state.withPlan(), true) : done(state, true);
      case MaterializeEvent.Unchanged unchanged -> done(state, true);
      case MaterializeEvent.Looked looked -> looked(state, looked.free());
      // The leader says when all are: others may still load.
      case MaterializeEvent.SplitsLoaded loaded -> done(state, true);
      case MaterializeEvent.LoadFinished finished ->
          finished.changed() ? prepared(state, true) : done(state, false);
      case MaterializeEvent.Merged merged -> step(state, new MaterializeEffect.Flush());
      case MaterializeEvent.Flushed flushed -> done(state, true);
      case MaterializeEvent.Finished finished -> done(state, true);
      case MaterializeEvent.Failed failed -> failed(state, failed);
      case MaterializeEvent.CutOff cutOff -> cutOff(state, cutOff);
      case MaterializeEvent.Waited waited -> waited(state);
    };
  }

  private static Step directed(MaterializeState state, Directive directive) {
    var effects = new ArrayList<MaterializeEffect>();
    switch (directive) {
      case Directive.Run run -> effects.add(new MaterializeEffect.Limit(run.rowsPerSecond()));
      case Directive.Pause pause -> effects.add(new MaterializeEffect.Stop());
      case Directive.Finish finish -> {}
      case Directive.End end -> effects.add(new MaterializeEffect.Stop());
    }
    var next = state.wanting(directive);
    return next.busy() ? new Step(next, effects) : follow(next, effects);
  }

  /** Nothing is under way: begins what is wanted. */
  private static Step follow(MaterializeState before, List<MaterializeEffect> effects) {
    var state = before.follows();
    return switch (state.following()) {
      case Directive.Run run -> attempt(state, run.attempt(), effects);
      case Directive.Finish finish -> attempt(state, finish.attempt(), effects);
      case Directive.Pause pause -> new Step(state.idle().at(BarrierAck.Work.WAITING), effects);
      case Directive.End end -> with(state, effects, new MaterializeEffect.Leave());
    };
  }

  private static Step attempt(MaterializeState state, int number, List<MaterializeEffect> effects) {
    if (state.gaveUp() && number <= state.attempt()) {
      return new Step(state.idle(), effects);
    }
    var trying = state.trying(number);
    var begun =
        state.following() instanceof Directive.Finish
            ? trying.at(BarrierAck.Work.FINISHING)
            : trying;
    return with(begun, effects, firstWork(begun));
  }

  /** A plan never changes, so that what is known of the refresh is not read again. */
  private static MaterializeEffect.Work firstWork(MaterializeState state) {
    return state.planned() ? work(state) : new MaterializeEffect.Load();
  }

  private static MaterializeEffect.Work work(MaterializeState state) {
    return state.following() instanceof Directive.Finish
        ? new MaterializeEffect.Finish()
        : new MaterializeEffect.Look();
  }

  private static Step loaded(MaterializeState state, MaterializeEvent.Loaded event) {
    if (!event.active()) {
      return done(state, false);
    }
    return event.planned()
        ? prepared(state.withPlan(), false)
        : step(state.at(BarrierAck.Work.PLANNING), new MaterializeEffect.Plan());
  }

  private static Step looked(MaterializeState state, Free free) {
    return switch (free) {
      case NOTHING -> done(state, false);
      case SPLITS -> step(state.at(BarrierAck.Work.LOADING), new MaterializeEffect.LoadSplits());
      case STAGING ->
          state.following() instanceof Directive.Run run && run.loaded()
              ? step(state.at(BarrierAck.Work.LOADING), new MaterializeEffect.FinishLoad())
              : done(state, false);
      case VNODES -> step(state.at(BarrierAck.Work.MERGING), new MaterializeEffect.Merge());
    };
  }

  private static Step prepared(MaterializeState state, boolean changed) {
    var effects = new ArrayList<MaterializeEffect>();
    if (changed) {
      effects.add(new MaterializeEffect.TellChanged());
    }
    return with(state, effects, work(state));
  }

  private static Step failed(MaterializeState state, MaterializeEvent.Failed event) {
    return event.mendable()
        ? again(state, event.nowNanos(), event.why(), false)
        : giveUp(state, event.why());
  }

  /** Others may reach what this executor cannot: it goes on trying, but owns nothing meanwhile. */
  private static Step cutOff(MaterializeState state, MaterializeEvent.CutOff event) {
    var retry = event.progressed() ? state.retry().reset() : state.retry();
    return again(state.retry(retry), event.nowNanos(), event.why(), true);
  }

  /** What fails for the first time is said only where it has failed for a while already. */
  private static Step again(MaterializeState state, long now, ErrorReport why, boolean forLong) {
    var again = state.retry().failed(now);
    if (again.isEmpty()) {
      return giveUp(state, why);
    }
    var retry = again.get();
    var said = forLong || state.work() == BarrierAck.Work.RETRYING || retry.isLong(now);
    return step(
        said ? state.retrying(retry, why) : state.retry(retry),
        new MaterializeEffect.Wait(retry.waitMillis()));
  }

  private static Step waited(MaterializeState state) {
    return state.mayWork()
        ? step(state.retry(state.retry().waited()), firstWork(state))
        : rest(state, new ArrayList<>());
  }

  private static Step giveUp(MaterializeState state, ErrorReport why) {
    var effects = new ArrayList<MaterializeEffect>();
    effects.add(new MaterializeEffect.TellChanged());
    return rest(state.failed(why), effects);
  }

  private static Step done(MaterializeState state, boolean changed) {
    var effects = new ArrayList<MaterializeEffect>();
    if (changed) {
      effects.add(new MaterializeEffect.TellChanged());
    }
    return rest(state.at(BarrierAck.Work.WAITING), effects);
  }

  /** The step is over: follows what came meanwhile, or waits for the next barrier. */
  private static Step rest(MaterializeState state, List<MaterializeEffect> effects) {
    return state.fresh() ? follow(state, effects) : new Step(state.idle(), effects);
  }

  private static Step step(MaterializeState state, MaterializeEffect.Work work) {
    return new Step(state, List.of(work));
  }

  private static Step with(
      MaterializeState state, List<MaterializeEffect> effects, MaterializeEffect.Work work) {
    effects.add(work);
    return new Step(state, effects);
  }
}
