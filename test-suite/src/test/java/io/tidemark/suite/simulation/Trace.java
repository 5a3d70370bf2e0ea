package io.tidemark.suite.simulation;

import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Supplier;

/** The last steps of a schedule. Costs nothing where nobody wants it. */
final class Trace {
  private final int length;
  private final ArrayDeque<String> steps = new ArrayDeque<>();

  /**
   * Makes one.
   *
   * @param length how many steps to keep; 0: none, for a schedule that is not expected to fail
   */
  Trace(int length) {
    this.length = length;
  }

  void add(long now, String who, Supplier<String> what) {
    if (length == 0) {
      return;
    }
    if (steps.size() == length) {
      steps.removeFirst();
    }
    steps.add("%8d ms  %-9s %s".formatted(now, who, what.get()));
  }

  List<String> steps() {
    return List.copyOf(steps);
  }
}
