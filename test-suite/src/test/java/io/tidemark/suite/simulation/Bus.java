package io.tidemark.suite.simulation;

/** The event bus: messages are dropped, doubled, delayed, and overtake each other. */
final class Bus {
  private final Timeline time;
  private final double drops;
  private final double doubles;
  private final int longestMillis;
  private boolean calm;

  Bus(Timeline time, double drops, double doubles, int longestMillis) {
    this.time = time;
    this.drops = drops;
    this.doubles = doubles;
    this.longestMillis = longestMillis;
  }

  /** From now on every message arrives once and soon. */
  void calm() {
    calm = true;
  }

  /** What the receiver does when the message arrives, if it does. */
  void send(Node from, Node to, Runnable received) {
    if (calm) {
      deliver(from, to, received, 5);
      return;
    }
    if (!time.chance(drops)) {
      deliver(from, to, received, longestMillis);
    }
    if (time.chance(doubles)) {
      deliver(from, to, received, 3 * longestMillis);
    }
  }

  private void deliver(Node from, Node to, Runnable received, int longest) {
    if (from.cutFromBus || to.cutFromBus) {
      return;
    }
    time.after(
        time.between(0, longest),
        () -> {
          if (!to.cutFromBus) {
            to.here(received).run();
          }
        });
  }
}
