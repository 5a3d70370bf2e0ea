package io.tidemark.executor.core;

/** What the work on one refresh is. */
public sealed interface MaterializeEffect {
  /** Something that takes its time, one at a time; how it ended comes back as an event. */
  sealed interface Work extends MaterializeEffect {}

  /** Read the refresh's row: comes back as {@link MaterializeEvent.Loaded}. */
  record Load() implements Work {}

  /**
   * Claim the planning and plan, where nobody does: {@link MaterializeEvent.Planned}, or {@link
   * MaterializeEvent.Unchanged}.
   */
  record Plan() implements Work {}

  /** Give back what this executor owns, and look for what there is to do: {@code Looked}. */
  record Look() implements Work {}

  /** Let lanes load splits until none is left to claim, or until they are stopped. */
  record LoadSplits() implements Work {}

  /** Claim the end of the loading and make what is staged ready, where nobody does. */
  record FinishLoad() implements Work {}

  /** Let lanes work until nothing is left to claim, or until they are stopped: {@code Merged}. */
  record Merge() implements Work {}

  /** Wait for the positions that lanes handed over: {@link MaterializeEvent.Flushed}. */
  record Flush() implements Work {}

  /** Claim the finishing and apply the delta, where nobody does: {@code Finished}. */
  record Finish() implements Work {}

  /** Wait before the next try; shorter where something else is wanted: {@code Waited}. */
  record Wait(long millis) implements Work {}

  /** Close everything: this executor is done with the refresh. */
  record Leave() implements Work {}

  /** Stop the lanes that work, after a checkpoint; roll back what is being applied or prepared. */
  record Stop() implements MaterializeEffect {}

  /** Read at most so many rows a second; 0: no limit. */
  record Limit(long rowsPerSecond) implements MaterializeEffect {}

  /** Something changed that the leader should look at. */
  record TellChanged() implements MaterializeEffect {}
}
