package io.tidemark.launcher.sync;

import io.tidemark.common.bus.Address;
import io.tidemark.common.bus.Command;
import io.tidemark.common.bus.CommandReply;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.LeaderLookup;
import io.tidemark.launcher.node.Node;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Asks the leader of this process, which may take a moment to lead. */
final class Leader {
  private static final Duration REPLY_TIMEOUT = Duration.ofSeconds(30);
  private static final long RETRY_MILLIS = 100;

  private final Vertx vertx;
  private final LeaderLookup lookup;
  private final Duration patience;
  private final CompletionStage<Void> asked;

  /**
   * @param patience how long to ask again where nobody leads
   * @param asked no more asking once it is complete
   */
  Leader(Vertx vertx, LeaderLookup lookup, Duration patience, CompletionStage<Void> asked) {
    this.vertx = vertx;
    this.lookup = lookup;
    this.patience = patience;
    this.asked = asked;
  }

  /** Blocks until the leader has answered. */
  CommandReply ask(Command command) {
    var end = System.nanoTime() + patience.toNanos();
    return Node.await(ask(command, end), patience.plus(REPLY_TIMEOUT).plus(REPLY_TIMEOUT));
  }

  private Future<CommandReply> ask(Command command, long end) {
    var options = new DeliveryOptions().setSendTimeout(REPLY_TIMEOUT.toMillis());
    return lookup
        .leader()
        .compose(
            found ->
                found.isEmpty()
                    ? Future.succeededFuture(nobody())
                    : vertx
                        .eventBus()
                        .<CommandReply>request(
                            Address.command(found.get().term()), command, options)
                        .map(message -> message.body()))
        .recover(Leader::refused)
        .compose(
            reply ->
                isPassing(reply)
                        && System.nanoTime() - end < 0
                        && !asked.toCompletableFuture().isDone()
                    ? vertx.timer(RETRY_MILLIS).compose(later -> ask(command, end))
                    : Future.succeededFuture(reply));
  }

  private static boolean isPassing(CommandReply reply) {
    return reply instanceof CommandReply.Refused refused
        && (refused.error().code() == ErrorCode.NO_LEADER
            || (refused.error().code() == ErrorCode.ALREADY_REFRESHING
                && refused.runningId() == null));
  }

  private static Future<CommandReply> refused(Throwable failure) {
    if (failure instanceof ReplyException reply
        && reply.failureType() == ReplyFailure.NO_HANDLERS) {
      return Future.succeededFuture(nobody());
    }
    return Future.succeededFuture(
        refused(ErrorCode.HOME_FAILED, "the leader did not answer: " + failure.getMessage()));
  }

  private static CommandReply nobody() {
    return refused(ErrorCode.NO_LEADER, "nobody leads at the moment");
  }

  private static CommandReply refused(ErrorCode code, @Nullable String message) {
    return new CommandReply.Refused(ErrorReport.of(code, String.valueOf(message)), null);
  }
}
