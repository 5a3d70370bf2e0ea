package io.tidemark.meta.core;

import io.tidemark.common.bus.Barrier;
import io.tidemark.common.error.ErrorReport;
import java.util.Optional;

/** What a leader does. Every write is conditional on its term and on the state it was based on. */
public sealed interface Effect {
  /**
   * All is merged and the guard is content: apply.
   *
   * @param snapshot the decision is void where the refresh has moved on from it
   * @param skipped why the deletes are left out; empty: they are applied too
   */
  record Finish(long refreshId, int snapshot, Optional<Guard.Trip> skipped) implements Effect {}

  /**
   * Ask a person.
   *
   * @param snapshot likewise
   */
  record AwaitApproval(long refreshId, int snapshot, Guard.Trip trip) implements Effect {}

  /** End it FAILED and take its VNodes from their owners. */
  record Fail(long refreshId, ErrorReport error) implements Effect {}

  /**
   * Take an executor's unfinished VNodes and work from it, because it is gone, and let it claim
   * nothing until it is heard again.
   *
   * @param silentMillis for how long it has not been heard
   */
  record Release(long refreshId, String executor, long silentMillis) implements Effect {}

  /** Let an executor that was lost claim again: it is heard. */
  record Welcome(String executor) implements Effect {}

  /** Add to the time of work of every refresh that is at work. */
  record CountWork(long millis) implements Effect {}

  /** All executors have answered this epoch's barrier. */
  record CommitEpoch(long epoch, long latencyNanos) implements Effect {}

  /** This epoch's barrier was not answered by all before the next one. */
  record EpochLate(long epoch) implements Effect {}

  /** A refresh that was active is not any more. */
  record Ended(long refreshId) implements Effect {}

  /** Publish it. */
  record Emit(Barrier barrier) implements Effect {}

  /**
   * Let another lead, if one stands by: no executor answers, so this node may be cut off from them.
   */
  record MakeWay() implements Effect {}

  /** Begin the next round at once: something is to be decided. */
  record LookAgain() implements Effect {}
}
