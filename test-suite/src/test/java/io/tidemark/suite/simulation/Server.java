package io.tidemark.suite.simulation;

import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A database server as its clients see it: a transaction is carried out at one moment, as a whole,
 * and the client hears of it later or never. A client that heard of an error does not know whether
 * it was carried out, nor whether it still will be.
 */
final class Server {
  private static final int LONGEST_SILENCE_MILLIS = 8_000;

  private final Timeline time;
  private final Predicate<Node> cut;
  private double loss;
  private boolean away;
  private int slowness = 1;
  private int restarts;

  /**
   * Makes one.
   *
   * @param cut whether a node cannot reach it
   * @param loss probability that a connection breaks during a transaction
   */
  Server(Timeline time, Predicate<Node> cut, double loss) {
    this.time = time;
    this.cut = cut;
    this.loss = loss;
  }

  /** What happens to the database at one moment. */
  @FunctionalInterface
  interface Transaction<T> {
    T carryOut();
  }

  void away(boolean now) {
    away = now;
    restarts += now ? 1 : 0;
  }

  void slowness(int factor) {
    slowness = factor;
  }

  /** From now on no connection breaks, and it is not slow. */
  void calm() {
    loss = 0;
    slowness = 1;
  }

  boolean reaches(Node node) {
    return !away && !cut.test(node);
  }

  /** Exactly one of both is called, unless the node crashes before. */
  <T> void call(Node from, Transaction<T> transaction, Consumer<T> done, Runnable broken) {
    var here = from.hearing(done);
    var lost = from.here(broken);
    if (!reaches(from)) {
      time.after(silence(), lost);
      return;
    }
    var breaks = time.chance(loss);
    if (breaks && time.chance(0.3)) {
      // The client gives up; its request is under way all the same.
      time.after(time.between(1, 50), lost);
      time.after(time.between(1, 3_000), () -> carryOut(transaction));
      return;
    }
    time.after(
        delay(),
        () -> {
          if (!reaches(from)) {
            time.after(silence(), lost);
          } else if (breaks && time.chance(0.5)) {
            time.after(1, lost);
          } else {
            answer(from, transaction.carryOut(), breaks, here, lost);
          }
        });
  }

  private <T> void answer(Node from, T result, boolean breaks, Consumer<T> here, Runnable lost) {
    var epoch = restarts;
    time.after(
        delay(),
        () -> {
          if (breaks || epoch != restarts || !reaches(from)) {
            time.after(breaks ? 1 : silence(), lost);
          } else {
            here.accept(result);
          }
        });
  }

  private <T> void carryOut(Transaction<T> transaction) {
    if (!away) {
      transaction.carryOut();
    }
  }

  private int delay() {
    return time.between(0, 3) * slowness;
  }

  /** Until a client notices that there is no answer: at once, or by a timeout. */
  private int silence() {
    return away || time.chance(0.5)
        ? time.between(1, 20)
        : time.between(500, LONGEST_SILENCE_MILLIS);
  }
}
