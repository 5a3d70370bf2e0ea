package io.tidemark.executor.core;

import io.tidemark.common.home.RefreshProgressTable.Claim;
import java.util.List;

/** What a lane does. */
public sealed interface LaneEffect {
  /** Something that ends with a {@link LaneEvent}, one at a time. */
  sealed interface Work extends LaneEffect {}

  /** Take free VNodes in the snapshot that it reads: {@link LaneEvent.Claimed}. */
  record ClaimSome() implements Work {}

  /** Open a VNode's streams where it stands and read: {@code Reached} or {@code Ended}. */
  record Merge(Claim claim) implements Work {}

  /** Read on: {@code Reached} or {@code Ended}. */
  record ReadOn() implements Work {}

  /** There are no differences: give the position to the writer: {@code HandedOver}. */
  record HandOver(long epoch, boolean completed) implements Work {}

  /**
   * Differences and position in one transaction, which fences: {@code Written} or {@code Fenced}.
   */
  record Write(long epoch, boolean completed) implements Work {}

  /** Wait before the next try; shorter where it is stopped: {@link LaneEvent.Waited}. */
  record Wait(long millis) implements Work {}

  /**
   * Claim the VNode anew where it is still this lane's, after what was handed over for it is
   * written: {@link LaneEvent.Retaken}. So a commit in doubt is either in it or fenced.
   */
  record Retake(Claim claim) implements Work {}

  /**
   * Give a VNode back that failed, with the reason, for others to try or to leave alone: {@link
   * LaneEvent.SetAside}.
   */
  record GiveBackFailed(Claim claim) implements Work {}

  /** Release these, so that nobody has to wait for them: {@link LaneEvent.GivenBack}. */
  record GiveBack(List<Claim> claims) implements Work {}

  /**
   * End with the error that broke it.
   *
   * @param mendable it was tried again for as long as it may be; else trying is no use
   */
  record GiveUp(boolean mendable) implements Work {}

  /** End: there is nothing left to do here. */
  record End() implements Work {}

  /** Drop all connections, at once and without a word. */
  record Cut() implements LaneEffect {}

  /** Drop the connection to the source: the next one reads the newest snapshot. */
  record LeaveSnapshot() implements LaneEffect {}

  /** Count a write that was refused. */
  record CountFenced(Claim claim) implements LaneEffect {}
}
