package io.tidemark.executor.lane;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits between tries: twice as long each time, until a limit since the first failure. */
public final class Backoff {
  private static final long FIRST_MILLIS = 100;
  private static final long LONGEST_MILLIS = 5_000;
  private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Duration limit;
  private long failingSince;
  private long next = FIRST_MILLIS;
  private boolean failing;

  /**
   * Makes one.
   *
   * @param limit how long to keep trying without any success
   */
  public Backoff(Duration limit) {
    this.limit = limit;
  }

  /** A success: the next failure is a first one. */
  public void reset() {
    failing = false;
    next = FIRST_MILLIS;
  }

  /**
   * Waits before the next try.
   *
   * @param stop ends the wait early
   * @return false where the limit is reached: do not try again
   */
  public boolean await(BooleanSupplier stop) {
    var now = System.nanoTime();
    if (!failing) {
      failing = true;
      failingSince = now;
    }
    if (now - failingSince >= limit.toNanos()) {
      return false;
    }
    var until = now + TimeUnit.MILLISECONDS.toNanos(next);
    next = Math.min(2 * next, LONGEST_MILLIS);
    while (!stop.getAsBoolean()) {
      var left = until - System.nanoTime();
      if (left <= 0) {
        break;
      }
      LockSupport.parkNanos(Math.min(left, SLICE_NANOS));
    }
    return true;
  }
}
