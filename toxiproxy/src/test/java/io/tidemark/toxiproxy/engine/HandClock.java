package io.tidemark.toxiproxy.engine;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

/** A clock whose hands the test turns. */
final class HandClock implements Clock {
  private record Due(long at, long number, Runnable task) {}

  private final PriorityQueue<Due> due =
      new PriorityQueue<>(Comparator.comparingLong(Due::at).thenComparingLong(Due::number));
  private long now = 1_000_000_000;
  private long number;

  @Override
  public long nanos() {
    return now;
  }

  @Override
  public Timer after(long nanos, Runnable task) {
    var timer = new Due(now + nanos, number++, task);
    due.add(timer);
    return () -> due.remove(timer);
  }

  /** Lets time pass, running what becomes due on the way. */
  void pass(long millis) {
    var end = now + TimeUnit.MILLISECONDS.toNanos(millis);
    while (!due.isEmpty() && due.peek().at() <= end) {
      var next = due.poll();
      now = next.at();
      next.task().run();
    }
    now = end;
  }

  int timers() {
    return due.size();
  }
}
