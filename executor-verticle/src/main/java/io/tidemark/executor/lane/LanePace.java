package io.tidemark.executor.lane;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How far a lane may go between two checkpoints: not past a barrier, a stop or the throttle. Of one
 * lane; {@link #stop} and {@link #hasAnswered} may be called from any thread.
 */
final class LanePace {
  private static final long MAX_THROTTLE_PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final BarrierClock barriers;
  private final Throttle throttle;
  private boolean throttled;
  private long readAgainAt;

  private volatile boolean stopping;

  /** The newest epoch that is answered, for other threads and for the loop over rows. */
  private volatile long answered;

  LanePace(BarrierClock barriers, Throttle throttle) {
    this.barriers = barriers;
    this.throttle = throttle;
  }

  void stop() {
    stopping = true;
  }

  boolean stopping() {
    return stopping;
  }

  /** All that was read when this epoch's barrier came is on its way to Postgres. */
  void answer(long epoch) {
    answered = epoch;
  }

  boolean hasAnswered(long epoch) {
    return answered >= epoch;
  }

  /** The newest. */
  long epoch() {
    return barriers.epoch();
  }

  /** Whether a checkpoint is wanted now, however little was read. */
  boolean isCalled() {
    return barriers.epoch() != answered || stopping;
  }

  /** Takes leave to have read some rows. */
  void read(int rows) {
    if (throttle.limited()) {
      readAgainAt = System.nanoTime() + throttle.take(rows);
      throttled = true;
    }
  }

  /**
   * Waits where it reads too fast, but not when a barrier is to be answered: what is left of the
   * wait comes after the next row.
   */
  void hold() {
    while (throttled && !isCalled()) {
      var left = readAgainAt - System.nanoTime();
      if (left <= 0) {
        throttled = false;
        return;
      }
      LockSupport.parkNanos(Math.min(left, MAX_THROTTLE_PARK_NANOS));
    }
  }
}
