package io.tidemark.executor.core;

/** What a barrier wants of a refresh on an executor. Level-triggered: it may be repeated. */
public sealed interface Directive {
  /**
   * Plan where there is no plan, then load and merge what can be claimed.
   *
   * @param rowsPerSecond limit on rows read; 0: none
   * @param loaded all splits are loaded and durable, so that the loading may be ended
   */
  record Run(int attempt, long rowsPerSecond, boolean loaded) implements Directive {
    public Run(int attempt, long rowsPerSecond) {
      this(attempt, rowsPerSecond, false);
    }
  }

  /** Checkpoint, close the streams, keep the snapshot. */
  record Pause(int attempt) implements Directive {}

  /** Apply the delta. */
  record Finish(int attempt) implements Directive {}

  /** Stop and give everything back. */
  record End() implements Directive {}
}
