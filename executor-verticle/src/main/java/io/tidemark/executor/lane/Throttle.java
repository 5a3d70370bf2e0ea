package io.tidemark.executor.lane;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Limits the rows that all lanes of an executor read in a second, by handing out times at which the
 * next rows may be read (a leaky bucket that holds no credit). Thread-safe.
 */
public final class Throttle {
  private static final long UNLIMITED = 0;

  private final AtomicLong nextFree = new AtomicLong(System.nanoTime());
  private volatile long rowsPerSecond = UNLIMITED;

  /** Sets the limit; 0: none. */
  public void limit(long rowsPerSecond) {
    this.rowsPerSecond = rowsPerSecond;
  }

  public boolean limited() {
    return rowsPerSecond != UNLIMITED;
  }

  /**
   * Takes leave to have read some rows.
   *
   * @return nanoseconds to wait before reading on, 0 or less: none
   */
  public long take(int rows) {
    var limit = rowsPerSecond;
    if (limit == UNLIMITED) {
      return 0;
    }
    var now = System.nanoTime();
    var cost = TimeUnit.SECONDS.toNanos(rows) / limit;
    return nextFree.updateAndGet(free -> Math.max(free, now) + cost) - now;
  }
}
