package io.tidemark.executor.core;

import io.tidemark.common.home.RefreshProgressTable.Claim;
import java.util.List;
import java.util.Optional;

/**
 * How what a lane was about ended. There is none for a row: between two checkpoints a lane reads on
 * its own. Times are in nanoseconds of a clock that only ever rises.
 */
public sealed interface LaneEvent {
  /**
   * Nothing failed.
   *
   * @param found VNodes that it owns now
   * @param outdated the refresh has moved on from the snapshot that this lane reads
   */
  record Claimed(List<Claim> found, boolean outdated) implements LaneEvent {}

  /**
   * Between two rows: a barrier is to be answered, the chunk is full, or the lane shall stop.
   *
   * @param epoch the newest
   * @param differences whether any were found since the last checkpoint
   */
  record Reached(long epoch, boolean differences) implements LaneEvent {}

  /** Both streams have ended cleanly. Parameters as in {@link Reached}. */
  record Ended(long epoch, boolean differences) implements LaneEvent {}

  /** The position goes its way: it has no transaction to wait for. */
  record HandedOver() implements LaneEvent {}

  /** Differences and position are durable. */
  record Written() implements LaneEvent {}

  /** The VNode has another owner: neither was written. */
  record Fenced() implements LaneEvent {}

  /** Where the VNode stands; empty where it has another owner, or is completed. */
  record Retaken(Optional<Claim> claim) implements LaneEvent {}

  /**
   * An error of source or home; what was under way may have happened or not.
   *
   * @param mendable another connection can mend it
   */
  record Broken(long nowNanos, boolean mendable) implements LaneEvent {}

  /** The VNode that it merges cannot be merged here; it may be its own fault. */
  record Failed() implements LaneEvent {}

  /** The VNode that failed is given back, with the reason. */
  record SetAside() implements LaneEvent {}

  /** It has waited before the next try, or was stopped meanwhile. */
  record Waited() implements LaneEvent {}

  /** Nothing more can be done about what it owned. */
  record GivenBack() implements LaneEvent {}
}
