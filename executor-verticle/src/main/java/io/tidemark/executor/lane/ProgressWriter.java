package io.tidemark.executor.lane;

import io.tidemark.common.home.RefreshProgressTable;
import io.tidemark.common.home.RefreshProgressTable.Checkpoint;
import io.tidemark.executor.core.PendingPositions;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes checkpoints that carry nothing but a position, for all lanes of a refresh together: one
 * statement at a time through the reactive client, the newest checkpoint of each VNode, while lanes
 * read on. They collect for a moment; at a barrier, or where a lane needs them durable, they go at
 * once. A lane waits only where too many VNodes are pending. Thread-safe.
 *
 * <p>A checkpoint that carries differences goes its own way, in their transaction; its number is
 * higher, so that one still pending here is refused by the statement itself.
 */
public final class ProgressWriter {
  private static final Logger LOG = LoggerFactory.getLogger(ProgressWriter.class);
  private static final int MAX_PENDING_VNODES = 256;
  private static final Duration MAX_WAIT = Duration.ofSeconds(10);
  private static final long RETRY_MILLIS = 200;

  /** Between two statements, where nobody waits: what comes meanwhile goes with the next. */
  private static final long SPACING_MILLIS = 50;

  private final long refreshId;
  private final Pool home;
  private final Timer timer;
  private final Runnable fenced;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final PendingPositions positions = new PendingPositions();

  /** Whoever waits for the statement under way, and for the one after it. */
  private final List<Promise<Void>> awaitingFlight = new ArrayList<>();

  private final List<Promise<Void>> awaitingPending = new ArrayList<>();

  /** Lanes that wait in {@link #flush}. */
  private int flushing;

  /** Tickets: the last given out, of the newest position under way, of the newest durable one. */
  private long lastTicket;

  private long flyingTicket;
  private long durableTicket;

  private boolean busy;
  private boolean collecting;
  private boolean closed;

  /** Runs something a little later, on the event loop. */
  @FunctionalInterface
  public interface Timer {
    void after(long millis, Handler<Long> task);
  }

  /**
   * Makes one for a refresh.
   *
   * @param fenced called for each VNode whose checkpoint was refused
   */
  public ProgressWriter(long refreshId, Pool home, Timer timer, Runnable fenced) {
    this.refreshId = refreshId;
    this.home = home;
    this.timer = timer;
    this.fenced = fenced;
  }

  /**
   * Writes it soon. Blocks, for a bounded time, while too many are pending.
   *
   * @return a ticket to ask with whether it is durable: higher than those before
   */
  public long submit(Checkpoint checkpoint) {
    lock.lock();
    try {
      var nanos = MAX_WAIT.toNanos();
      while (positions.waiting() >= MAX_PENDING_VNODES && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      positions.submit(checkpoint);
      lastTicket++;
      collect();
      return lastTicket;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return lastTicket;
    } finally {
      lock.unlock();
    }
  }

  /** Whether a position is durable, or refused, or overtaken by one that is. */
  boolean isDurable(long ticket) {
    lock.lock();
    try {
      return ticket <= durableTicket || (!busy && positions.waiting() == 0);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until {@link #isDurable}, without letting more come before.
   *
   * @return false where that took too long: the home is away
   */
  boolean await(long ticket) {
    lock.lock();
    try {
      flushing++;
      start();
      var nanos = MAX_WAIT.toNanos();
      while (!isDurable(ticket) && !closed && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      return isDurable(ticket);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      flushing--;
      lock.unlock();
    }
  }

  /** A checkpoint of this VNode goes another way: what is pending for it is not needed any more. */
  public void overtake(int vnode, long checkpoint) {
    lock.lock();
    try {
      positions.overtake(vnode, checkpoint);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until everything submitted so far is durable or refused.
   *
   * @return false where that took too long: the home is away
   */
  public boolean flush() {
    return await(Long.MAX_VALUE);
  }

  /** Completes when everything submitted so far is durable or refused. */
  public Future<Void> written() {
    lock.lock();
    try {
      if (!busy && positions.waiting() == 0) {
        return Future.succeededFuture();
      }
      var promise = Promise.<Void>promise();
      (positions.waiting() == 0 ? awaitingFlight : awaitingPending).add(promise);
      start();
      return promise.future();
    } finally {
      lock.unlock();
    }
  }

  /** Gives up what is not durable: the refresh has ended, or its executor. */
  public void close() {
    lock.lock();
    try {
      closed = true;
      positions.forget();
      awaitingPending.forEach(Promise::tryComplete);
      awaitingPending.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether a checkpoint of this VNode is not durable yet. */
  boolean isPending(int vnode) {
    lock.lock();
    try {
      return positions.isPending(vnode);
    } finally {
      lock.unlock();
    }
  }

  /** Lets more come for a moment, then starts. */
  private void collect() {
    if (busy || collecting || closed || positions.waiting() == 0) {
      return;
    }
    collecting = true;
    timer.after(
        SPACING_MILLIS,
        late -> {
          lock.lock();
          try {
            collecting = false;
            start();
          } finally {
            lock.unlock();
          }
        });
  }

  private void start() {
    if (busy || closed || positions.waiting() == 0) {
      return;
    }
    busy = true;
    var batch = positions.takeOff();
    flyingTicket = lastTicket;
    boarded();
    changed.signalAll();
    write(batch);
  }

  private void boarded() {
    awaitingFlight.addAll(awaitingPending);
    awaitingPending.clear();
  }

  private void write(List<Checkpoint> batch) {
    home.preparedQuery(RefreshProgressTable.CHECKPOINT)
        .execute(Tuple.of(refreshId, RefreshProgressTable.json(batch)))
        .onSuccess(
            rows -> {
              var written = new HashSet<Integer>();
              rows.forEach(row -> written.add(row.getInteger(0)));
              landed(batch, written);
            })
        .onFailure(
            error -> {
              LOG.atWarn()
                  .addKeyValue("refresh", refreshId)
                  .addKeyValue("error", error.getMessage())
                  .log("progress not written, trying again");
              timer.after(RETRY_MILLIS, late -> again());
            });
  }

  /** Newer checkpoints of the same VNodes replace those that failed. */
  private void again() {
    List<Checkpoint> batch;
    lock.lock();
    try {
      batch = positions.again();
      flyingTicket = lastTicket;
      boarded();
      if (closed || batch.isEmpty()) {
        positions.abandon();
        land();
        return;
      }
    } finally {
      lock.unlock();
    }
    write(batch);
  }

  private void landed(List<Checkpoint> batch, Set<Integer> written) {
    lock.lock();
    try {
      for (var checkpoint : positions.landed(batch, written)) {
        fenced.run();
        LOG.atWarn()
            .addKeyValue("refresh", refreshId)
            .addKeyValue("vnode", checkpoint.vnode())
            .addKeyValue("generation", checkpoint.generation())
            .log("fenced: position refused");
      }
      land();
      if (flushing > 0 || !awaitingPending.isEmpty()) {
        start();
      } else {
        collect();
      }
    } finally {
      lock.unlock();
    }
  }

  private void land() {
    busy = false;
    durableTicket = flyingTicket;
    awaitingFlight.forEach(Promise::tryComplete);
    awaitingFlight.clear();
    changed.signalAll();
  }
}
