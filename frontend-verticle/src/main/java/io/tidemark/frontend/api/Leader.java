package io.tidemark.frontend.api;

import io.tidemark.common.bus.Address;
import io.tidemark.common.bus.Command;
import io.tidemark.common.bus.CommandReply;
import io.tidemark.common.bus.ExecutorList;
import io.tidemark.common.bus.ListExecutors;
import io.tidemark.common.bus.ValidateTables;
import io.tidemark.common.bus.ValidationReply;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.LeaderLookup;
import io.tidemark.frontend.problem.Problem;
import io.tidemark.frontend.problem.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.LongFunction;

/** What this frontend asks of the other roles, over the bus. */
public final class Leader {
  private static final long COMMAND_TIMEOUT_MILLIS = 10_000;

  /** A leader that has just taken the lease is not on the bus of all nodes yet. */
  private static final long UNHEARD_PATIENCE_MILLIS = 3_000;

  private static final long RETRY_MILLIS = 100;

  /** A check opens connections to a source and to the home, ten seconds each at most. */
  private static final long VALIDATE_TIMEOUT_MILLIS = 30_000;

  private final Vertx vertx;
  private final LeaderLookup lookup;

  public Leader(Vertx vertx, LeaderLookup lookup) {
    this.vertx = vertx;
    this.lookup = lookup;
  }

  /** Has the leader carry out a command; failed where it refuses. */
  Future<CommandReply.Done> command(Command command) {
    return this.<CommandReply>askLeader(Address::command, command, until())
        .map(
            reply ->
                switch (reply) {
                  case CommandReply.Done done -> done;
                  case CommandReply.Refused refused -> throw refusal(refused);
                });
  }

  /** The executors that the leader has heard of. */
  Future<ExecutorList> executors() {
    return askLeader(Address::executors, new ListExecutors(), until());
  }

  /** Has an executor check definitions against their sources and the home. */
  Future<ValidationReply> validate(ValidateTables tables) {
    return this.<ValidationReply>ask(Address.VALIDATE, tables, VALIDATE_TIMEOUT_MILLIS)
        .recover(
            failure ->
                Future.failedFuture(
                    unanswered(failure, ErrorCode.NO_EXECUTOR, "executor", Leader::absent)));
  }

  private static long until() {
    return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(UNHEARD_PATIENCE_MILLIS);
  }

  /** Asks whom the lease names; nobody has heard a request that found no handler. */
  private <T> Future<T> askLeader(LongFunction<String> address, Object message, long until) {
    return lookup
        .leader()
        .compose(
            found -> {
              if (found.isEmpty()) {
                return Future.failedFuture(absent(ErrorCode.NO_LEADER, "meta that leads"));
              }
              var leader = found.get();
              return this.<T>ask(address.apply(leader.term()), message, COMMAND_TIMEOUT_MILLIS)
                  .recover(
                      failure ->
                          isUnheard(failure) && System.nanoTime() - until < 0
                              ? vertx
                                  .timer(RETRY_MILLIS)
                                  .compose(later -> this.<T>askLeader(address, message, until))
                              : Future.failedFuture(
                                  unanswered(
                                      failure,
                                      ErrorCode.NO_LEADER,
                                      "meta that leads",
                                      (code, who) -> elsewhere(leader))));
            });
  }

  private static boolean isUnheard(Throwable failure) {
    return failure instanceof ReplyException reply
        && reply.failureType() == ReplyFailure.NO_HANDLERS;
  }

  private static ProblemException refusal(CommandReply.Refused refused) {
    var problem = Problem.of(refused.error());
    var running = refused.runningId();
    return new ProblemException(running == null ? problem : problem.with("refreshId", running));
  }

  private <T> Future<T> ask(String address, Object message, long timeoutMillis) {
    return vertx
        .eventBus()
        .<T>request(address, message, new DeliveryOptions().setSendTimeout(timeoutMillis))
        .map(Message::body);
  }

  private static Throwable unanswered(
      Throwable failure,
      ErrorCode code,
      String who,
      BiFunction<ErrorCode, String, TidemarkException> unheard) {
    if (isUnheard(failure)) {
      return unheard.apply(code, who);
    }
    if (failure instanceof ReplyException reply && reply.failureType() == ReplyFailure.TIMEOUT) {
      return new TidemarkException(
          code,
          "the " + who + " did not answer in time; the request may have taken effect",
          failure);
    }
    return new TidemarkException(
        ErrorCode.BUG, "another role of this server failed at the request", failure);
  }

  private static TidemarkException absent(ErrorCode code, String who) {
    return new TidemarkException(ErrorReport.of(code, "there is no " + who + " at the moment"));
  }

  private static TidemarkException elsewhere(LeaderLookup.Leader leader) {
    return new TidemarkException(
        ErrorReport.of(
                ErrorCode.NO_LEADER,
                "%s leads in term %d, but is not on this node's event bus"
                    .formatted(leader.node(), leader.term()))
            .withHint(
                leader
                    .endpoint()
                    .map(url -> "Ask it at " + url + ", or see why the nodes do not meet.")
                    .orElse("See why the nodes do not meet: section `cluster`, firewalls.")));
  }
}
