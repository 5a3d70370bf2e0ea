package io.tidemark.meta;

import io.tidemark.common.bus.BarrierAck;
import io.tidemark.common.bus.ExecutorList;
import io.tidemark.meta.core.Roll;
import java.util.ArrayList;

/** A leader's roll, for others to see. */
final class RollCall {
  private RollCall() {}

  static ExecutorList of(Roll roll, long nowNanos) {
    var seen = new ArrayList<ExecutorList.Seen>();
    roll.entries()
        .forEach(
            (executor, entry) ->
                seen.add(
                    new ExecutorList.Seen(
                        executor,
                        entry.ack().epoch(),
                        !roll.isLost(executor, nowNanos),
                        entry.ack().refreshes().stream()
                            .mapToInt(BarrierAck.Report::lanes)
                            .sum())));
    return new ExecutorList(seen);
  }
}
