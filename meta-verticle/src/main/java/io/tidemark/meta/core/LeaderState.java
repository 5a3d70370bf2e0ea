package io.tidemark.meta.core;

import java.util.Optional;
import java.util.Set;

/**
 * What a leader remembers from event to event. All of it can be lost: a new leader starts with
 * nothing and reads the rest from Postgres.
 *
 * @param known ids of the refreshes that were active in the last round
 * @param open the epoch that is not committed yet
 * @param countedNanos up to when time of work has been counted
 */
public record LeaderState(
    long term, Roll roll, Set<Long> known, Optional<OpenEpoch> open, long countedNanos) {
  public LeaderState {
    known = Set.copyOf(known);
  }

  /**
   * An epoch whose barrier is out.
   *
   * @param missing executors whose answer is waited for
   */
  public record OpenEpoch(long epoch, long emittedNanos, SharedMap<Boolean> missing) {}

  /**
   * At the beginning of a term.
   *
   * @param silenceNanos silence after which an executor counts as lost
   * @param executors that this node has heard of before, when it led the last time
   * @param nodes that the cluster sees now
   */
  public static LeaderState begin(
      long term, long nowNanos, long silenceNanos, Set<String> executors, Set<String> nodes) {
    var roll = Roll.empty(nowNanos, silenceNanos).knowing(term, executors).seeing(nodes);
    return new LeaderState(term, roll, Set.of(), Optional.empty(), nowNanos);
  }

  /** At the beginning of a node's first term. */
  public static LeaderState begin(long term, long nowNanos, long silenceNanos) {
    return begin(term, nowNanos, silenceNanos, Set.of(), Set.of());
  }
}
