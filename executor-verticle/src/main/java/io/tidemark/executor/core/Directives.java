package io.tidemark.executor.core;

import io.tidemark.common.bus.Mutation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Folds a barrier's mutations into one directive a refresh. */
final class Directives {
  private Directives() {}

  /** By refresh id. A pause wins over a start, an end over everything. */
  static Map<Long, Directive> of(List<Mutation> mutations) {
    var directives = new LinkedHashMap<Long, Directive>();
    for (var mutation : mutations) {
      directives.merge(mutation.refreshId(), first(mutation), (so, now) -> next(so, mutation));
    }
    return directives;
  }

  private static Directive first(Mutation mutation) {
    return switch (mutation) {
      case Mutation.Start start -> new Directive.Run(start.attempt(), 0);
      case Mutation.Finish finish -> new Directive.Finish(finish.attempt());
      case Mutation.Cancel cancel -> new Directive.End();
      case Mutation.Pause pause -> new Directive.Pause(0);
      case Mutation.Throttle throttle -> new Directive.Run(0, throttle.rowsPerSecond());
      case Mutation.Resume resume -> new Directive.Run(0, 0);
      case Mutation.LoadFinish loaded -> new Directive.Run(0, 0, true);
    };
  }

  private static Directive next(Directive soFar, Mutation mutation) {
    return switch (mutation) {
      case Mutation.Cancel cancel -> new Directive.End();
      case Mutation.Pause pause -> new Directive.Pause(attempt(soFar));
      case Mutation.Finish finish -> new Directive.Finish(finish.attempt());
      case Mutation.Start start ->
          soFar instanceof Directive.Run run
              ? new Directive.Run(start.attempt(), run.rowsPerSecond(), run.loaded())
              : soFar;
      case Mutation.Throttle throttle ->
          soFar instanceof Directive.Run run
              ? new Directive.Run(run.attempt(), throttle.rowsPerSecond(), run.loaded())
              : soFar;
      case Mutation.LoadFinish loaded ->
          soFar instanceof Directive.Run run
              ? new Directive.Run(run.attempt(), run.rowsPerSecond(), true)
              : soFar;
      // It follows from Start: it only says why that is there.
      case Mutation.Resume resume -> soFar;
    };
  }

  private static int attempt(Directive directive) {
    return switch (directive) {
      case Directive.Run run -> run.attempt();
      case Directive.Pause pause -> pause.attempt();
      case Directive.Finish finish -> finish.attempt();
      case Directive.End end -> 0;
    };
  }
}
