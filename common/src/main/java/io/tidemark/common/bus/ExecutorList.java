package io.tidemark.common.bus;

import java.util.List;

/** The executors that the leader has heard of. */
public record ExecutorList(List<Seen> executors) {
  public ExecutorList {
    executors = List.copyOf(executors);
  }

  /**
   * One executor.
   *
   * @param lastEpoch last epoch it acknowledged
   * @param live whether it acknowledged within the last few barriers
   * @param lanes lanes at work, over all refreshes
   */
  public record Seen(String executor, long lastEpoch, boolean live, int lanes) {}
}
