package io.tidemark.frontend;

import static org.assertj.core.api.Assertions.fail;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waits for a condition, with a bound. */
public final class Eventually {
  private static final long LIMIT_SECONDS = 20;
  private static final long PAUSE_MILLIS = 20;

  private Eventually() {}

  public static void holds(Callable<Boolean> condition) throws Exception {
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        fail("did not come true within " + LIMIT_SECONDS + " s");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS));
    }
  }
}
