package io.tidemark.executor.lane;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits, on a thread that may block. */
public final class Waiting {
  private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private Waiting() {}

  /**
   * Waits that long.
   *
   * @param enough ends the wait early
   */
  public static void millis(long millis, BooleanSupplier enough) {
    var until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (!enough.getAsBoolean()) {
      var left = until - System.nanoTime();
      if (left <= 0) {
        return;
      }
      LockSupport.parkNanos(Math.min(left, SLICE_NANOS));
    }
  }
}
