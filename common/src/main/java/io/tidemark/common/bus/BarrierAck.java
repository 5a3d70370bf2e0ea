package io.tidemark.common.bus;

import io.tidemark.common.error.ErrorReport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An executor's answer to a barrier: everything it had merged when the barrier came is durable.
 * Level-triggered like the barrier: it carries what is true now.
 *
 * @param executor its id
 */
public record BarrierAck(long term, long epoch, String executor, List<Report> refreshes) {
  public BarrierAck {
    refreshes = List.copyOf(refreshes);
  }

  /** What an executor does for a refresh. */
  public enum Work {
    PLANNING,
    /** Copies splits into staging, or makes ready what is staged. */
    LOADING,
    MERGING,
    /** Nothing to claim at the moment, or paused. */
    WAITING,
    FINISHING,
    /** It cannot reach source or home, as {@link Report#failure} says, and tries again. */
    RETRYING,
    /** It gave up on this attempt: {@link Report#failure} says why. */
    FAILED
  }

  /**
   * One refresh on this executor.
   *
   * @param attempt the attempt it speaks of
   * @param lanes lanes at work
   * @param lanesWaiting those of them that wait for a silent source or home; what they merged
   *     before is durable
   * @param fencedWrites writes that were refused since the executor started
   * @param failure why it gave up, or tries again; null where it does neither
   */
  public record Report(
      long refreshId,
      int attempt,
      Work work,
      int lanes,
      int lanesWaiting,
      long fencedWrites,
      @Nullable ErrorReport failure) {}
}
