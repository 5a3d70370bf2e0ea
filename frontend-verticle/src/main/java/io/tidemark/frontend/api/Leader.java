package io.tidemark.frontend.api;

import io.tidemark.common.bus.Address;
import io.tidemark.common.bus.Command;
import io.tidemark.common.bus.CommandReply;
import io.tidemark.common.bus.ExecutorList;
import io.tidemark.common.bus.ListExecutors;
import io.tidemark.common.bus.ValidateTables;
import io.tidemark.common.bus.ValidationReply;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.frontend.problem.Problem;
import io.tidemark.frontend.problem.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;

/** What this frontend asks of the other roles, over the bus. */
public final class Leader {
  private static final long COMMAND_TIMEOUT_MILLIS = 10_000;

  /** A check opens connections to a source and to the home, ten seconds each at most. */
  private static final long VALIDATE_TIMEOUT_MILLIS = 30_000;

  private final Vertx vertx;

  public Leader(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Has the leader carry out a command; failed where it refuses. */
  Future<CommandReply.Done> command(Command command) {
    return this.<CommandReply>ask(
            Address.COMMAND, command, COMMAND_TIMEOUT_MILLIS, ErrorCode.NO_LEADER)
        .map(
            reply ->
                switch (reply) {
                  case CommandReply.Done done -> done;
                  case CommandReply.Refused refused -> throw refusal(refused);
                });
  }

  /** The executors that the leader has heard of. */
  Future<ExecutorList> executors() {
    return ask(Address.EXECUTORS, new ListExecutors(), COMMAND_TIMEOUT_MILLIS, ErrorCode.NO_LEADER);
  }

  /** Has an executor check definitions against their sources and the home. */
  Future<ValidationReply> validate(ValidateTables tables) {
    return ask(Address.VALIDATE, tables, VALIDATE_TIMEOUT_MILLIS, ErrorCode.NO_EXECUTOR);
  }

  private static ProblemException refusal(CommandReply.Refused refused) {
    var problem = Problem.of(refused.error());
    var running = refused.runningId();
    return new ProblemException(running == null ? problem : problem.with("refreshId", running));
  }

  private <T> Future<T> ask(String address, Object message, long timeoutMillis, ErrorCode absent) {
    return vertx
        .eventBus()
        .<T>request(address, message, new DeliveryOptions().setSendTimeout(timeoutMillis))
        .map(Message::body)
        .recover(failure -> Future.failedFuture(unanswered(failure, absent)));
  }

  private static Throwable unanswered(Throwable failure, ErrorCode absent) {
    if (!(failure instanceof ReplyException reply)
        || reply.failureType() == ReplyFailure.RECIPIENT_FAILURE) {
      return new TidemarkException(
          ErrorCode.BUG, "another role of this server failed at the request", failure);
    }
    var who = absent == ErrorCode.NO_EXECUTOR ? "executor" : "meta that leads";
    return new TidemarkException(
        absent,
        reply.failureType() == ReplyFailure.TIMEOUT
            ? "the " + who + " did not answer in time; the request may have taken effect"
            : "there is no " + who + " at the moment",
        failure);
  }
}
