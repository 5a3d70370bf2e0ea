package io.tidemark.suite.simulation;

import java.util.PriorityQueue;
import java.util.SplittableRandom;

/** The order of everything: what happens at which simulated millisecond, and all chance. */
final class Timeline {
  private record Entry(long at, long order, Runnable task) implements Comparable<Entry> {
    @Override
    public int compareTo(Entry other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
    }
  }

  private final PriorityQueue<Entry> entries = new PriorityQueue<>();
  private final SplittableRandom chance;
  private long now;
  private long order;

  Timeline(long seed) {
    this.chance = new SplittableRandom(seed);
  }

  /** Simulated milliseconds since the beginning: also the database's clock. */
  long now() {
    return now;
  }

  /** Events so far. */
  long events() {
    return order;
  }

  void after(long millis, Runnable task) {
    entries.add(new Entry(now + Math.max(0, millis), order++, task));
  }

  /** Lets the next thing happen. False: there is nothing left. */
  boolean step() {
    var next = entries.poll();
    if (next == null) {
      return false;
    }
    now = next.at();
    next.task().run();
    return true;
  }

  /** From one bound to the other, both inclusive. */
  int between(int least, int most) {
    return least + chance.nextInt(most - least + 1);
  }

  boolean chance(double probability) {
    return probability > 0 && chance.nextDouble() < probability;
  }
}
