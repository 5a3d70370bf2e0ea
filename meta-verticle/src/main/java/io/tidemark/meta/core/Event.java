package io.tidemark.meta.core;

import io.tidemark.common.bus.BarrierAck;
import java.util.List;
import java.util.Set;

/** What happened to a leader. Times are in nanoseconds of a clock that only ever rises. */
public sealed interface Event {
  /**
   * The lease was renewed for one more epoch, and this is what Postgres said then.
   *
   * @param epoch the one that the lease was renewed with, above all earlier ones
   * @param refreshes all active ones
   * @param barred executors that may claim nothing, because they were lost
   */
  record Round(long nowNanos, long epoch, List<RefreshRow> refreshes, Set<String> barred)
      implements Event {
    public Round {
      refreshes = List.copyOf(refreshes);
      barred = Set.copyOf(barred);
    }

    public Round(long nowNanos, long epoch, List<RefreshRow> refreshes) {
      this(nowNanos, epoch, refreshes, Set.of());
    }
  }

  /** An executor answered a barrier. */
  record Acknowledged(long nowNanos, BarrierAck ack) implements Event {}

  /** A hint: the cluster does not see this executor's node any more. */
  record NodeLeft(long nowNanos, String executor) implements Event {}
}
