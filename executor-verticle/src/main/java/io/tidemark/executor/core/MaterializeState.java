package io.tidemark.executor.core;

import io.tidemark.common.bus.BarrierAck.Work;
import io.tidemark.common.error.ErrorReport;
import java.time.Duration;
import java.util.Optional;

/**
 * Where an executor is with one refresh.
 *
 * @param wanted what the newest barrier wants
 * @param fresh whether a barrier came that has not been followed yet
 * @param busy whether a step is under way
 * @param following what the steps under way are for
 * @param planned whether its plan is known here
 * @param attempt the attempt it works on, or gave up on
 * @param failure why it gave up, or tries again
 */
public record MaterializeState(
    Directive wanted,
    boolean fresh,
    boolean busy,
    Directive following,
    boolean planned,
    int attempt,
    Work work,
    Optional<ErrorReport> failure,
    Duration retryFor,
    Retry retry) {

  /**
   * Before the first directive.
   *
   * @param retryFor how long a step that cannot reach source or home is tried again
   */
  public static MaterializeState begin(Duration retryFor) {
    var nothing = new Directive.Pause(0);
    return new MaterializeState(
        nothing,
        false,
        false,
        nothing,
        false,
        0,
        Work.WAITING,
        Optional.empty(),
        retryFor,
        Retry.upTo(retryFor));
  }

  /** Whether lanes may work: nothing newer says that they shall not. */
  public boolean mayWork() {
    return !(wanted instanceof Directive.End || wanted instanceof Directive.Pause);
  }

  MaterializeState wanting(Directive directive) {
    // Nothing comes after an end.
    var next = wanted instanceof Directive.End ? wanted : directive;
    return new MaterializeState(
        next, true, busy, following, planned, attempt, work, failure, retryFor, retry);
  }

  /** Begins what is wanted. */
  MaterializeState follows() {
    return new MaterializeState(
        wanted, false, true, wanted, planned, attempt, work, failure, retryFor, retry);
  }

  MaterializeState trying(int number) {
    return new MaterializeState(
        wanted,
        fresh,
        busy,
        following,
        planned,
        number,
        gaveUp() ? Work.WAITING : work,
        Optional.empty(),
        retryFor,
        Retry.upTo(retryFor));
  }

  /** Works on: what it tried again after is over. What it gave up on stays so. */
  MaterializeState at(Work now) {
    if (gaveUp()) {
      return this;
    }
    return at(now, Optional.empty(), retry);
  }

  private MaterializeState at(Work now, Optional<ErrorReport> why, Retry next) {
    return new MaterializeState(
        wanted, fresh, busy, following, planned, attempt, now, why, retryFor, next);
  }

  MaterializeState withPlan() {
    return new MaterializeState(
        wanted, fresh, busy, following, true, attempt, work, failure, retryFor, retry);
  }

  MaterializeState idle() {
    return new MaterializeState(
        wanted, fresh, false, following, planned, attempt, work, failure, retryFor, retry);
  }

  MaterializeState failed(ErrorReport why) {
    return at(Work.FAILED, Optional.of(why), retry);
  }

  /** Whether it does nothing more in this attempt. */
  boolean gaveUp() {
    return work == Work.FAILED;
  }

  MaterializeState retrying(Retry next, ErrorReport why) {
    return at(Work.RETRYING, Optional.of(why), next);
  }

  MaterializeState retry(Retry next) {
    return at(work, failure, next);
  }
}
