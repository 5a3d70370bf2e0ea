package io.tidemark.executor.lane;

/**
 * The newest epoch that this executor has seen. Lanes look at it between rows and checkpoint when
 * it has moved. Thread-safe.
 */
public final class BarrierClock {
  private volatile long epoch;

  /** Only ever rises. */
  public synchronized void advance(long newest) {
    epoch = Math.max(epoch, newest);
  }

  public long epoch() {
    return epoch;
  }
}
