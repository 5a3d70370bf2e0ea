package io.tidemark.meta.core;

import io.tidemark.common.bus.BarrierAck;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * The executors that a leader has heard of, and how long each has been silent.
 *
 * @param ledSinceNanos when it began to lead: one that it never heard of is silent since then
 * @param silenceNanos silence after which an executor counts as lost
 */
public record Roll(long ledSinceNanos, long silenceNanos, Map<String, Entry> entries) {
  /** Silent ones are forgotten after this many times the silence that makes them lost. */
  private static final int FORGET_FACTOR = 20;

  /**
   * An executor that lives answers a new leader's first barriers: one that does not is waited for
   * less.
   */
  private static final int STRANGER_DIVISOR = 2;

  public Roll {
    entries = Map.copyOf(entries);
  }

  /** The last that was heard of one executor. */
  public record Entry(long heardNanos, BarrierAck ack) {}

  static Roll empty(long nowNanos, long silenceNanos) {
    return new Roll(nowNanos, silenceNanos, Map.of());
  }

  Roll heard(long nowNanos, BarrierAck ack) {
    var next = new LinkedHashMap<>(entries);
    next.merge(
        ack.executor(),
        new Entry(nowNanos, ack),
        // A late message never takes back what a newer one said.
        (known, now) -> known.ack().epoch() > ack.epoch() ? known : now);
    return new Roll(ledSinceNanos, silenceNanos, next);
  }

  /** Without those that have been silent for long: their number is bounded by time. */
  Roll pruned(long nowNanos) {
    var next = new LinkedHashMap<>(entries);
    next.values().removeIf(entry -> nowNanos - entry.heardNanos() > FORGET_FACTOR * silenceNanos);
    return next.size() == entries.size() ? this : new Roll(ledSinceNanos, silenceNanos, next);
  }

  public boolean isLost(String executor, long nowNanos) {
    var entry = entries.get(executor);
    return entry == null
        ? nowNanos - ledSinceNanos > silenceNanos / STRANGER_DIVISOR
        : nowNanos - entry.heardNanos() > silenceNanos;
  }

  Set<String> live(long nowNanos) {
    var live = new LinkedHashSet<String>();
    for (var executor : entries.keySet()) {
      if (!isLost(executor, nowNanos)) {
        live.add(executor);
      }
    }
    return live;
  }

  /** Whether all of these have answered that epoch's barrier. */
  boolean answered(Set<String> executors, long epoch) {
    return executors.stream()
        .allMatch(
            executor ->
                entries.containsKey(executor) && entries.get(executor).ack().epoch() >= epoch);
  }
}
