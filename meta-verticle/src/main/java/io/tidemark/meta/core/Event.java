package io.tidemark.meta.core;

import io.tidemark.common.bus.BarrierAck;
import java.util.List;

/** What happened to a leader. Times are in nanoseconds of a clock that only ever rises. */
public sealed interface Event {
  /**
   * The lease was renewed for one more epoch, and this is what Postgres said then.
   *
   * @param epoch the one that the lease was renewed with, above all earlier ones
   * @param refreshes all active ones
   */
  record Round(long nowNanos, long epoch, List<RefreshRow> refreshes) implements Event {
    public Round {
      refreshes = List.copyOf(refreshes);
    }
  }

  /** An executor answered a barrier. */
  record Acknowledged(long nowNanos, BarrierAck ack) implements Event {}
}
