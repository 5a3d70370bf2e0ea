package io.tidemark.suite;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for a condition, with a bound. */
public final class Until {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration OFTEN = Duration.ofMillis(3);

  private Until() {}

  public static void holds(String what, Callable<Boolean> condition) throws Exception {
    holds(what, OFTEN, condition);
  }

  /**
   * Likewise.
   *
   * @param pause between two looks: where a look costs others time, and nothing is missed meanwhile
   */
  public static void holds(String what, Duration pause, Callable<Boolean> condition)
      throws Exception {
    var end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + LIMIT.toSeconds() + " s: " + what);
      }
      LockSupport.parkNanos(pause.toNanos());
    }
  }
}
