package io.tidemark.suite.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A process on a machine with a clock of its own. What belongs to an incarnation that has crashed
 * never happens; what is due while it is paused happens when it wakes up.
 */
final class Node {
  private static final double NANOS_PER_MILLI = 1e6;

  final String machine;
  private final Timeline time;
  private final long clockOffsetNanos;
  private final double clockRate;
  private final List<Runnable> backlog = new ArrayList<>();

  private int incarnation;
  private boolean up = true;
  private boolean paused;
  boolean cutFromBus;
  boolean cutFromHome;
  boolean cutFromSource;

  Node(String machine, Timeline time) {
    this.machine = machine;
    this.time = time;
    this.clockOffsetNanos = time.between(0, 3_600) * 1_000_000_000L;
    this.clockRate = 1 + time.between(-5, 5) / 100.0;
  }

  /** Its clock, which only ever rises. */
  long nanos() {
    return clockOffsetNanos + (long) (time.now() * clockRate * NANOS_PER_MILLI);
  }

  /** Each start of the process has its own name. */
  String id() {
    return machine + "#" + incarnation;
  }

  boolean isUp() {
    return up;
  }

  boolean isPaused() {
    return paused;
  }

  /** The task, as something that this incarnation does. */
  Runnable here(Runnable task) {
    var born = incarnation;
    return () -> run(born, task);
  }

  /** Likewise, for something that is told. */
  <T> Consumer<T> hearing(Consumer<T> done) {
    var born = incarnation;
    return value -> run(born, () -> done.accept(value));
  }

  /** After that long on its own clock. */
  void after(long millis, Runnable task) {
    time.after((long) (millis / clockRate), here(task));
  }

  void crash() {
    up = false;
    paused = false;
    backlog.clear();
  }

  void start() {
    incarnation++;
    up = true;
  }

  void pause() {
    paused = true;
  }

  /** What was due meanwhile happens now, not quite in the order in which it was due. */
  void wake() {
    paused = false;
    var due = List.copyOf(backlog);
    backlog.clear();
    due.forEach(task -> time.after(time.between(0, 3), task));
  }

  private void run(int born, Runnable task) {
    if (!up || born != incarnation) {
      return;
    }
    if (paused) {
      backlog.add(() -> run(born, task));
    } else {
      task.run();
    }
  }
}
