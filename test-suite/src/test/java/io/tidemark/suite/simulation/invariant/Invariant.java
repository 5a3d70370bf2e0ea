package io.tidemark.suite.simulation.invariant;

import io.tidemark.suite.simulation.Cluster;
import io.tidemark.suite.simulation.Violation;
import java.util.List;
import java.util.function.Supplier;

/** Something that must hold after every event of a schedule. */
public interface Invariant {
  /**
   * Looks at what the last event did.
   *
   * @throws Violation where it does not hold
   */
  void check(Cluster cluster);

  /**
   * One of each, for one schedule. {@code Ends}, and the bound on events, the schedule itself looks
   * at.
   */
  static List<Invariant> all() {
    return List.of(
        new Fenced(),
        new NoFalseDelete(),
        new Untouched(),
        new AllOrNothing(),
        new Once(),
        new Equal(),
        new Loaded(),
        new Skipped(),
        new Monotone(),
        new Bounded());
  }

  /** Fails. */
  default void require(boolean holds, Supplier<String> otherwise) {
    if (!holds) {
      throw new Violation(getClass().getSimpleName(), otherwise.get());
    }
  }
}
