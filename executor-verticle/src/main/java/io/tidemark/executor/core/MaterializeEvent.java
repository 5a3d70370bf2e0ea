package io.tidemark.executor.core;

import io.tidemark.common.error.ErrorReport;

/**
 * What happened to the work on one refresh: a barrier directed it, or a step ended. Times are in
 * nanoseconds of a clock that only ever rises.
 */
public sealed interface MaterializeEvent {
  /** A barrier said what is wanted now. It may come at any time, also while a step is under way. */
  record Directed(Directive directive) implements MaterializeEvent {}

  /**
   * The refresh's row was read.
   *
   * @param active whether there is anything to do for it
   * @param planned whether somebody has stored its plan
   */
  record Loaded(boolean active, boolean planned) implements MaterializeEvent {}

  /**
   * Planning has ended.
   *
   * @param stored whether this executor's plan is the refresh's; else another plans it
   */
  record Planned(boolean stored) implements MaterializeEvent {}

  /** Planning has ended the refresh: its target held the source's version already. */
  record Unchanged() implements MaterializeEvent {}

  /** What this executor still owned is given back; what is there to do? */
  record Looked(Free free) implements MaterializeEvent {}

  /** All lanes that loaded have ended in order. */
  record SplitsLoaded() implements MaterializeEvent {}

  /**
   * What is staged is ready to be merged, or has to be loaded again.
   *
   * @param changed whether this executor did that; else it is somebody else's to do
   */
  record LoadFinished(boolean changed) implements MaterializeEvent {}

  /** All lanes have ended in order. */
  record Merged() implements MaterializeEvent {}

  /** The positions that lanes handed over are written, or refused. */
  record Flushed() implements MaterializeEvent {}

  /** The delta is applied, or somebody else's to apply. */
  record Finished() implements MaterializeEvent {}

  /**
   * A step failed.
   *
   * @param why what to say where it is not tried again
   * @param mendable another connection can mend it
   */
  record Failed(long nowNanos, ErrorReport why, boolean mendable) implements MaterializeEvent {}

  /**
   * Lanes could not reach source or home for a while. What this executor owned is given back, where
   * the home could be told.
   *
   * @param why what to say where it is not tried again
   * @param progressed whether any lane got on before
   */
  record CutOff(long nowNanos, ErrorReport why, boolean progressed) implements MaterializeEvent {}

  /** It has waited before the next try, or something else was wanted meanwhile. */
  record Waited() implements MaterializeEvent {}
}
