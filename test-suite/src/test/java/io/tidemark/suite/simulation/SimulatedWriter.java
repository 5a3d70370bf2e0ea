package io.tidemark.suite.simulation;

import io.tidemark.common.home.RefreshProgressTable.Checkpoint;
import io.tidemark.executor.core.PendingPositions;
import io.tidemark.suite.simulation.home.ProgressModel;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Consumer;

/** The shell around {@link PendingPositions}: models {@code ProgressWriter}. */
final class SimulatedWriter {
  private static final long MAX_WAIT_MILLIS = 10_000;
  private static final long RETRY_MILLIS = 200;

  private final Cluster cluster;
  private final Node node;
  private final String executor;
  private final ProgressModel progress;
  private final PendingPositions positions = new PendingPositions();
  private final IdentityHashMap<Checkpoint, Integer> readIn = new IdentityHashMap<>();
  private final List<Runnable> awaitingFlight = new ArrayList<>();
  private final List<Runnable> awaitingPending = new ArrayList<>();
  private final List<Flush> flushes = new ArrayList<>();
  private boolean busy;
  private boolean closed;

  SimulatedWriter(Cluster cluster, Node node, ProgressModel progress) {
    this.cluster = cluster;
    this.node = node;
    this.executor = node.id();
    this.progress = progress;
  }

  /** Somebody who waits until nothing is under way; told once. */
  private static final class Flush {
    private final Consumer<Boolean> done;
    private boolean told;

    private Flush(Consumer<Boolean> done) {
      this.done = done;
    }

    void tell(boolean written) {
      if (!told) {
        told = true;
        done.accept(written);
      }
    }
  }

  void submit(Checkpoint checkpoint, int snapshot) {
    readIn.put(checkpoint, snapshot);
    positions.submit(checkpoint);
    start();
  }

  void overtake(int vnode, long checkpoint) {
    positions.overtake(vnode, checkpoint);
  }

  boolean isPending(int vnode) {
    return positions.isPending(vnode);
  }

  int waiting() {
    return positions.waiting();
  }

  /** Calls back when everything submitted so far is durable or refused. */
  void written(Runnable done) {
    if (isIdle()) {
      done.run();
    } else {
      (positions.waiting() == 0 ? awaitingFlight : awaitingPending).add(done);
    }
  }

  /** Calls back with false where that took too long. */
  void flush(Consumer<Boolean> done) {
    if (isIdle()) {
      done.accept(true);
      return;
    }
    var flush = new Flush(done);
    flushes.add(flush);
    node.after(MAX_WAIT_MILLIS, () -> flush.tell(isIdle()));
  }

  void close() {
    closed = true;
    positions.forget();
    tell(awaitingPending);
  }

  private boolean isIdle() {
    return !busy && positions.waiting() == 0;
  }

  private void start() {
    if (busy || closed || positions.waiting() == 0) {
      return;
    }
    busy = true;
    var batch = positions.takeOff();
    boarded();
    write(batch);
  }

  private void boarded() {
    awaitingFlight.addAll(awaitingPending);
    awaitingPending.clear();
  }

  private void write(List<Checkpoint> batch) {
    var snapshots = new IdentityHashMap<>(readIn);
    cluster.home.call(
        node,
        () -> progress.checkpoint(executor, batch, each -> snapshots.getOrDefault(each, 0)),
        written -> {
          positions.landed(batch, written);
          land();
          start();
        },
        () -> node.after(RETRY_MILLIS, this::again));
  }

  private void again() {
    var batch = positions.again();
    boarded();
    if (closed || batch.isEmpty()) {
      positions.abandon();
      land();
    } else {
      write(batch);
    }
  }

  private void land() {
    busy = false;
    if (positions.waiting() == 0) {
      readIn.clear();
    }
    tell(awaitingFlight);
    if (isIdle()) {
      var waiting = List.copyOf(flushes);
      flushes.clear();
      waiting.forEach(flush -> flush.tell(true));
    }
  }

  private static void tell(List<Runnable> waiting) {
    var all = List.copyOf(waiting);
    waiting.clear();
    all.forEach(Runnable::run);
  }
}
