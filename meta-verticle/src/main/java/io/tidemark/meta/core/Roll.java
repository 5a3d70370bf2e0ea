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
 * @param left those whose node the cluster does not see any more, and that have not been heard
 *     since
 */
public record Roll(
    long ledSinceNanos, long silenceNanos, Map<String, Entry> entries, Set<String> left) {
  /** Silent ones are forgotten after this many times the silence that makes them lost. */
  private static final int FORGET_FACTOR = 20;

  /**
   * An executor that lives answers a new leader's first barriers: one that does not is waited for
   * less.
   */
  private static final int STRANGER_DIVISOR = 2;

  /** A leader that hears nobody for this many times the silence may be the one that is cut off. */
  private static final int DEAF_FACTOR = 3;

  /** One whose node is gone is waited for least: about as long as a barrier's answer takes. */
  private static final int LEFT_DIVISOR = 3;

  public Roll {
    entries = Map.copyOf(entries);
    left = Set.copyOf(left);
  }

  /** The last that was heard of one executor. */
  public record Entry(long heardNanos, BarrierAck ack) {}

  static Roll empty(long nowNanos, long silenceNanos) {
    return new Roll(nowNanos, silenceNanos, Map.of(), Set.of());
  }

  Roll heard(long nowNanos, BarrierAck ack) {
    var next = new LinkedHashMap<>(entries);
    next.merge(
        ack.executor(),
        new Entry(nowNanos, ack),
        // A late message never takes back what a newer one said.
        (known, now) -> known.ack().epoch() > ack.epoch() ? known : now);
    var gone = new LinkedHashSet<>(left);
    gone.remove(ack.executor());
    return new Roll(ledSinceNanos, silenceNanos, next, gone);
  }

  /** The cluster does not see it any more. Only a hint: one answer, and it is as before. */
  Roll left(String executor) {
    var gone = new LinkedHashSet<>(left);
    gone.add(executor);
    return new Roll(ledSinceNanos, silenceNanos, entries, gone);
  }

  /** Without those that have been silent for long: their number is bounded by time. */
  Roll pruned(long nowNanos) {
    var next = new LinkedHashMap<>(entries);
    next.values().removeIf(entry -> nowNanos - entry.heardNanos() > FORGET_FACTOR * silenceNanos);
    var gone = new LinkedHashSet<>(left);
    // One that was never heard is lost by then, whatever the cluster sees.
    gone.removeIf(executor -> !next.containsKey(executor) && isLost(executor, nowNanos));
    return next.size() == entries.size() && gone.size() == left.size()
        ? this
        : new Roll(ledSinceNanos, silenceNanos, next, gone);
  }

  public boolean isLost(String executor, long nowNanos) {
    var divisor =
        left.contains(executor)
            ? LEFT_DIVISOR
            : entries.containsKey(executor) ? 1 : STRANGER_DIVISOR;
    return silentNanos(executor, nowNanos) > silenceNanos / divisor;
  }

  /** How long it has been silent; since the beginning of the term where it was never heard. */
  long silentNanos(String executor, long nowNanos) {
    var entry = entries.get(executor);
    return nowNanos - (entry == null ? ledSinceNanos : entry.heardNanos());
  }

  /** Whether it was heard, and not too long ago. */
  boolean isLive(String executor, long nowNanos) {
    return entries.containsKey(executor) && !isLost(executor, nowNanos);
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

  /** Whether nobody answers, and nobody has for long. */
  boolean isDeaf(long nowNanos) {
    var heard = ledSinceNanos;
    for (var entry : entries.values()) {
      heard = Math.max(heard, entry.heardNanos());
    }
    return nowNanos - heard > DEAF_FACTOR * silenceNanos;
  }

  /** Whether all of these have answered that epoch's barrier. */
  boolean answered(Set<String> executors, long epoch) {
    return executors.stream()
        .allMatch(
            executor ->
                entries.containsKey(executor) && entries.get(executor).ack().epoch() >= epoch);
  }
}
