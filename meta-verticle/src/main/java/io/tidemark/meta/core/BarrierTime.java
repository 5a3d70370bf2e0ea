package io.tidemark.meta.core;

import java.util.OptionalLong;

/**
 * Time as far as barriers were out: nobody answers one that was not emitted. Where a leader emits
 * none for long, because the home is away, that time is left out but for a moment; so is the time
 * before its first barrier.
 *
 * @param beganNanos when it began to lead
 * @param gapNanos of the time between two barriers at most this counts
 * @param emittedNanos when the last barrier was emitted; empty: none was
 * @param leftOutNanos what was left out up to that barrier
 */
record BarrierTime(long beganNanos, long gapNanos, OptionalLong emittedNanos, long leftOutNanos) {
  static BarrierTime from(long nowNanos, long gapNanos) {
    return new BarrierTime(nowNanos, gapNanos, OptionalLong.empty(), 0);
  }

  /** A barrier goes out. */
  BarrierTime emitted(long nowNanos) {
    return new BarrierTime(
        beganNanos, gapNanos, OptionalLong.of(nowNanos), leftOutNanos + leftOutSince(nowNanos));
  }

  /** A time without what is left out before it. */
  long counted(long nowNanos) {
    return nowNanos - leftOutNanos - leftOutSince(nowNanos);
  }

  private long leftOutSince(long nowNanos) {
    return emittedNanos.isEmpty()
        ? nowNanos - beganNanos
        : Math.max(0, nowNanos - emittedNanos.getAsLong() - gapNanos);
  }
}
