package io.tidemark.meta.core;

import io.tidemark.common.bus.BarrierAck;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The executors that a leader has heard of, and how long each has been silent.
 *
 * @param time in which silence is counted; one that was never heard of is silent from its beginning
 * @param silenceNanos silence after which an executor counts as lost
 * @param lastHeardNanos when anybody was heard the last time, or it began to lead, in that time
 * @param left those whose node the cluster does not see any more, and that have not been heard
 *     since
 * @param seen nodes that the cluster saw when this leader began: their executors may live, though
 *     the first answer is late
 * @param strangers those that own something and were never heard, and since when, in that time: one
 *     that has just begun may claim before it answers for the first time
 */
public record Roll(
    BarrierTime time,
    long silenceNanos,
    long lastHeardNanos,
    SharedMap<Entry> entries,
    Set<String> left,
    Set<String> seen,
    Map<String, Long> strangers) {
  /** Silent ones are forgotten after this many times the silence that makes them lost. */
  private static final int FORGET_FACTOR = 20;

  /** One that was never heard, and whose node the cluster did not see, is waited for less. */
  private static final int STRANGER_DIVISOR = 2;

  /** A leader that hears nobody for this many times the silence may be the one that is cut off. */
  private static final int DEAF_FACTOR = 3;

  /** Of the time between two barriers at most this part of the silence counts. */
  private static final int GAP_DIVISOR = 2;

  /** One whose node is gone is waited for least: about as long as a barrier's answer takes. */
  private static final int LEFT_DIVISOR = 3;

  public Roll {
    left = Set.copyOf(left);
    seen = Set.copyOf(seen);
    strangers = Map.copyOf(strangers);
  }

  /**
   * The last that was heard of one executor.
   *
   * @param heardNanos when, in {@link BarrierTime}
   */
  public record Entry(long heardNanos, BarrierAck ack) {}

  static Roll empty(long nowNanos, long silenceNanos) {
    var time = BarrierTime.from(nowNanos, silenceNanos / GAP_DIVISOR);
    return new Roll(time, silenceNanos, nowNanos, SharedMap.empty(), Set.of(), Set.of(), Map.of());
  }

  /** With executors that were heard of before this leader led: they are waited for as ever. */
  Roll knowing(long term, Set<String> executors) {
    var next = entries;
    for (var executor : executors) {
      var ack = new BarrierAck(term, 0, executor, List.of());
      next = next.with(executor, new Entry(time.beganNanos(), ack));
    }
    return new Roll(time, silenceNanos, lastHeardNanos, next, left, seen, strangers);
  }

  /** With the nodes that the cluster sees as this leader begins. */
  Roll seeing(Set<String> nodes) {
    return new Roll(time, silenceNanos, lastHeardNanos, entries, left, nodes, strangers);
  }

  /** With those that own something now and were never heard. */
  Roll meeting(Set<String> owners, long nowNanos) {
    if (owners.isEmpty() && strangers.isEmpty()) {
      return this;
    }
    var now = time.counted(nowNanos);
    var met =
        owners.stream()
            .filter(owner -> !entries.has(owner))
            .collect(Collectors.toMap(owner -> owner, owner -> strangers.getOrDefault(owner, now)));
    return new Roll(time, silenceNanos, lastHeardNanos, entries, left, seen, met);
  }

  /** Whether it was ever heard, as far as that is remembered. */
  boolean knows(String executor) {
    return entries.has(executor);
  }

  /** A barrier goes out. */
  Roll emitted(long nowNanos) {
    return new Roll(
        time.emitted(nowNanos), silenceNanos, lastHeardNanos, entries, left, seen, strangers);
  }

  Roll heard(long nowNanos, BarrierAck ack) {
    var executor = ack.executor();
    var known = entries.at(executor);
    if (known != null && known.ack().epoch() > ack.epoch()) {
      // A late message never takes back what a newer one said.
      return new Roll(
          time, silenceNanos, lastHeardNanos, entries, without(executor), seen, strangers);
    }
    var now = time.counted(nowNanos);
    return new Roll(
        time,
        silenceNanos,
        Math.max(lastHeardNanos, now),
        entries.with(executor, new Entry(now, ack)),
        without(executor),
        seen,
        strangers);
  }

  private Set<String> without(String executor) {
    if (!left.contains(executor)) {
      return left;
    }
    var gone = new LinkedHashSet<>(left);
    gone.remove(executor);
    return gone;
  }

  /** The cluster does not see it any more. Only a hint: one answer, and it is as before. */
  Roll left(String executor) {
    var gone = new LinkedHashSet<>(left);
    gone.add(executor);
    return new Roll(time, silenceNanos, lastHeardNanos, entries, gone, seen, strangers);
  }

  /** Without those that have been silent for long: their number is bounded by time. */
  Roll pruned(long nowNanos) {
    var now = time.counted(nowNanos);
    var forgotten = new ArrayList<String>();
    entries.forEach(
        (executor, entry) -> {
          if (now - entry.heardNanos() > FORGET_FACTOR * silenceNanos) {
            forgotten.add(executor);
          }
        });
    var next = entries;
    for (var executor : forgotten) {
      next = next.without(executor);
    }
    var kept = next;
    var gone = new LinkedHashSet<>(left);
    // One that was never heard is lost by then, whatever the cluster sees.
    gone.removeIf(executor -> !kept.has(executor) && isLost(executor, nowNanos));
    return forgotten.isEmpty() && gone.size() == left.size()
        ? this
        : new Roll(time, silenceNanos, lastHeardNanos, next, gone, seen, strangers);
  }

  public boolean isLost(String executor, long nowNanos) {
    return silentNanos(executor, nowNanos) > silenceNanos / divisor(executor);
  }

  private int divisor(String executor) {
    if (left.contains(executor)) {
      return LEFT_DIVISOR;
    }
    return entries.has(executor) || seen.contains(executor) ? 1 : STRANGER_DIVISOR;
  }

  /** How long it has been silent; since it owns something where it was never heard. */
  long silentNanos(String executor, long nowNanos) {
    var entry = entries.at(executor);
    var since =
        entry == null ? strangers.getOrDefault(executor, time.beganNanos()) : entry.heardNanos();
    return time.counted(nowNanos) - since;
  }

  /** Whether it was heard, and not too long ago. */
  boolean isLive(String executor, long nowNanos) {
    return entries.has(executor) && !isLost(executor, nowNanos);
  }

  /** Those that were heard, and not too long ago. */
  SharedMap<Boolean> live(long nowNanos) {
    var live = new ArrayList<String>(entries.size());
    entries.forEach(
        (executor, entry) -> {
          if (!isLost(executor, nowNanos)) {
            live.add(executor);
          }
        });
    return SharedMap.of(live);
  }

  /** Whether nobody answers, and nobody has for long. */
  boolean isDeaf(long nowNanos) {
    return time.counted(nowNanos) - lastHeardNanos > DEAF_FACTOR * silenceNanos;
  }

  /** Whether it has answered that epoch's barrier, or a newer one's. */
  boolean hasAnswered(String executor, long epoch) {
    var entry = entries.at(executor);
    return entry != null && entry.ack().epoch() >= epoch;
  }
}
