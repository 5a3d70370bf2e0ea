package io.tidemark.executor.core;

import io.tidemark.common.bus.Barrier;

/** What happened to an executor. Times are in nanoseconds of a clock that only ever rises. */
public sealed interface ExecutorEvent {
  /** A barrier came: perhaps late, perhaps twice, perhaps of a leader that leads no more. */
  record Heard(long nowNanos, Barrier barrier) implements ExecutorEvent {}

  /**
   * Somebody looked whether the lanes have handed over what they had merged when a barrier came.
   *
   * @param answered all of them
   */
  record Looked(long nowNanos, long epoch, boolean answered) implements ExecutorEvent {}

  /** All that was handed over by then is durable, or refused. */
  record Durable(long term, long epoch) implements ExecutorEvent {}

  /** A refresh here came to a point that its leader should look at. */
  record Changed(long refreshId) implements ExecutorEvent {}

  /** The work on a refresh has ended here. */
  record Left(long refreshId) implements ExecutorEvent {}

  /** The node goes down in order. */
  record Stop() implements ExecutorEvent {}
}
