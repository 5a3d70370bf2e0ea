package io.tidemark.executor.plan;

import java.util.List;

/** What planning ends in. */
public sealed interface PlanResult {
  /**
   * A plan.
   *
   * @param warnings what will work, but slowly
   */
  record Planned(RefreshPlan plan, List<String> warnings) implements PlanResult {
    public Planned {
      warnings = List.copyOf(warnings);
    }
  }

  /** Everything that stands in the way, at least one. */
  record Refused(List<Problem> problems) implements PlanResult {
    public Refused {
      problems = List.copyOf(problems);
    }
  }
}
