package io.tidemark.toxiproxy.engine;

/** Time as links see it. Tests move its hands themselves. */
interface Clock {
  /** Now, in nanoseconds since some moment. */
  long nanos();

  /** Runs something so many nanoseconds from now, never earlier, on the event loop of the link. */
  Timer after(long nanos, Runnable task);

  /** What is to be run later. */
  @FunctionalInterface
  interface Timer {
    /** Does not run it, where it has not been run yet. */
    void cancel();
  }
}
