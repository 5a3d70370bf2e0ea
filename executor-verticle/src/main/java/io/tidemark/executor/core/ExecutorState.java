package io.tidemark.executor.core;

import java.util.OptionalLong;
import java.util.Set;

/**
 * What an executor remembers from event to event. All of it can be lost: a new one starts with
 * nothing, and the next barrier tells it the rest.
 *
 * @param term of the newest barrier
 * @param epoch of the newest barrier; 0: none yet
 * @param durable the newest epoch whose progress is durable; 0: none yet
 * @param unansweredSinceNanos when the oldest barrier came that has not been answered by its lanes
 *     yet; newer ones do not prolong the wait
 * @param refreshes ids of those it works on
 * @param stopping barriers still come, but nothing new is begun for them
 */
public record ExecutorState(
    long term,
    long epoch,
    long durable,
    OptionalLong unansweredSinceNanos,
    Set<Long> refreshes,
    boolean stopping) {
  public ExecutorState {
    refreshes = Set.copyOf(refreshes);
  }

  /** At its start. */
  public static ExecutorState begin() {
    return new ExecutorState(0, 0, 0, OptionalLong.empty(), Set.of(), false);
  }
}
