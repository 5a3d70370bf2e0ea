package io.tidemark.executor.core;

/** What an executor does. */
public sealed interface ExecutorEffect {
  /** Shows the lanes a newer barrier: they checkpoint. */
  record Advance(long epoch) implements ExecutorEffect {}

  /** Begins to work on a refresh; what it shall do follows as a {@link Direct}. */
  record Begin(long refreshId) implements ExecutorEffect {}

  /** Tells the work on a refresh what the newest barrier wants. */
  record Direct(long refreshId, Directive directive) implements ExecutorEffect {}

  /**
   * Look whether the lanes have answered this epoch: comes back as {@link ExecutorEvent.Looked}.
   */
  record Look(long epoch, long afterMillis) implements ExecutorEffect {}

  /** Wait for what the lanes handed over: comes back as {@link ExecutorEvent.Durable}. */
  record AwaitDurable(long term, long epoch) implements ExecutorEffect {}

  /** Answer a barrier, with what is true now of each refresh. */
  record Answer(long term, long epoch) implements ExecutorEffect {}

  /** Tell whoever leads that a refresh is worth a look. */
  record TellLeader(long refreshId) implements ExecutorEffect {}
}
