package io.tidemark.meta;

import io.tidemark.common.bus.Barrier;
import io.tidemark.common.bus.BarrierAck;
import io.tidemark.common.bus.Command;
import io.tidemark.common.bus.CommandReply;
import io.tidemark.common.bus.ExecutorList;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A leader's side of what goes by way of the home, see {@link Relay}: announces its barriers there
 * and hears what comes for it. Barriers that come while one is on its way are represented by the
 * last of them.
 */
final class Correspondence {
  private static final Logger LOG = LoggerFactory.getLogger(Correspondence.class);
  private static final long LOOK_MILLIS = 200;

  private final Vertx vertx;
  private final LetterBox letters;
  private final long term;
  private final Reader reader;
  private Optional<Barrier> next = Optional.empty();
  private boolean announcing;
  private boolean looking;
  private long timer = -1;

  /**
   * What a leader does with what it hears.
   *
   * @param command answers when the result is durable; never fails
   */
  record Reader(
      Consumer<BarrierAck> ack,
      Runnable news,
      Function<Command, Future<CommandReply>> command,
      Supplier<ExecutorList> executors) {}

  Correspondence(Vertx vertx, SqlClient home, long term, Reader reader) {
    this.vertx = vertx;
    this.letters = new LetterBox(home);
    this.term = term;
    this.reader = reader;
  }

  void begin() {
    timer = vertx.setPeriodic(LOOK_MILLIS, tick -> look());
  }

  void end() {
    vertx.cancelTimer(timer);
    next = Optional.empty();
  }

  void announce(Barrier barrier) {
    next = Optional.of(barrier);
    announceNext();
  }

  private void announceNext() {
    if (announcing || next.isEmpty()) {
      return;
    }
    announcing = true;
    var barrier = next.get();
    next = Optional.empty();
    letters
        .announce(barrier)
        .onFailure(Correspondence::notNow)
        .onComplete(
            done -> {
              announcing = false;
              announceNext();
            });
  }

  private void look() {
    if (looking) {
      return;
    }
    looking = true;
    letters
        .take(term)
        .onSuccess(taken -> taken.forEach(this::read))
        .onFailure(Correspondence::notNow)
        .onComplete(done -> looking = false);
  }

  private void read(Letter letter) {
    switch (letter) {
      case Letter.Acknowledged answered -> reader.ack().accept(answered.ack());
      case Letter.News news -> reader.news().run();
      case Letter.Asked asked ->
          reader
              .command()
              .apply(asked.command())
              .compose(reply -> letters.answer(asked.question(), reply, CommandReply.class))
              .onFailure(Correspondence::notNow);
      case Letter.WhoWorks asked ->
          letters
              .answer(asked.question(), reader.executors().get(), ExecutorList.class)
              .onFailure(Correspondence::notNow);
    }
  }

  /** All of it is hints: the next ones come anyway. */
  private static void notNow(Throwable error) {
    LOG.atDebug().addKeyValue("error", error.getMessage()).log("no letters");
  }
}
