package io.tidemark.executor.lane;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.LongPredicate;

/**
 * How many rows others would read again, were a lane lost now: those that are behind no durable
 * position. Half of what may be is read while the positions behind the other half are written, so
 * that a lane does not wait for them. Not thread-safe.
 */
final class RowsAtRisk {
  /** Compared twice where a lane is lost, at most; of differences it is a chunk. */
  static final int MOST = 100_000;

  /** After so many a position is handed over. */
  static final int STEP = MOST / 2;

  private final Queue<HandedOver> underWay = new ArrayDeque<>();

  /** Of those that are under way. */
  private long handedOver;

  /** Since the last checkpoint. */
  private long read;

  private record HandedOver(long ticket, long rows) {}

  /** More rows were read. */
  void read(int rows) {
    read += rows;
  }

  /** Rows since the last checkpoint will be read again, whatever happens. */
  void dropped() {
    read = 0;
  }

  /** Rows since the last checkpoint are durable. */
  void written() {
    read = 0;
  }

  /** A position behind all rows so far is on its way. */
  void handedOver(long ticket) {
    underWay.add(new HandedOver(ticket, read));
    handedOver += read;
    read = 0;
  }

  /**
   * Whether a checkpoint is due.
   *
   * @param differences whether it would carry some: it waits for their transaction, so that half as
   *     many are better
   * @param durable whether a position is, by its ticket
   * @param atOnce rows that may be read before this is asked again
   */
  boolean isDue(boolean differences, LongPredicate durable, int atOnce) {
    if (read + atOnce <= STEP) {
      return false;
    }
    if (!differences) {
      return true;
    }
    settle(durable);
    return handedOver + read > MOST - atOnce;
  }

  /**
   * The position to wait for before the next is handed over.
   *
   * @return its ticket; 0: none
   */
  long toAwait(LongPredicate durable) {
    if (handedOver + read <= STEP) {
      return 0;
    }
    settle(durable);
    var oldest = underWay.peek();
    return oldest == null || handedOver + read <= STEP ? 0 : oldest.ticket;
  }

  private void settle(LongPredicate durable) {
    for (HandedOver oldest; (oldest = underWay.peek()) != null && durable.test(oldest.ticket); ) {
      underWay.remove();
      handedOver -= oldest.rows;
    }
  }
}
