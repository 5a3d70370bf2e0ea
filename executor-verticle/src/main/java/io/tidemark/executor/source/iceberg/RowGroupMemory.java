package io.tidemark.executor.source.iceberg;

import java.sql.SQLException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Memory that readers of this process share: each holds one row group at a time, as it is packed,
 * up to the whole piece. So large row groups are read one after the other instead of side by side.
 */
final class RowGroupMemory {
  /** Of the heap. */
  private static final int SHARE = 4;

  private static final int UNIT_BYTES = 64 << 10;
  private static final long LOOK_EVERY_MILLIS = 100;

  /** Of this process. */
  static final RowGroupMemory SHARED = new RowGroupMemory(Runtime.getRuntime().maxMemory() / SHARE);

  private final int units;
  private final Semaphore free;

  RowGroupMemory(long bytes) {
    this.units = Math.clamp(bytes / UNIT_BYTES, 1, Integer.MAX_VALUE);
    this.free = new Semaphore(units, true);
  }

  /**
   * Waits until there is room. A piece that is larger than all of it waits for all.
   *
   * @param isAborted ends the wait
   * @return what {@link #giveBack} takes
   */
  int take(long bytes, BooleanSupplier isAborted) throws SQLException {
    var needed = Math.clamp(bytes / UNIT_BYTES, 1, units);
    try {
      while (!free.tryAcquire(needed, LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
        if (isAborted.getAsBoolean()) {
          throw IcebergReader.aborted();
        }
      }
      return needed;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw IcebergReader.aborted();
    }
  }

  void giveBack(int taken) {
    free.release(taken);
  }
}
