package io.tidemark.toxiproxy.toxic;

import java.util.concurrent.TimeUnit;

/** Times that users give, as nanoseconds: never negative, and never so long that sums overflow. */
final class Nanos {
  private static final long MAX_WAIT_DAYS = 10_000;
  private static final long MAX_WAIT = TimeUnit.DAYS.toNanos(MAX_WAIT_DAYS);

  private Nanos() {}

  static long ofMillis(long millis) {
    return bounded(millis, TimeUnit.MILLISECONDS);
  }

  static long ofMicros(long micros) {
    return bounded(micros, TimeUnit.MICROSECONDS);
  }

  private static long bounded(long time, TimeUnit unit) {
    return Math.clamp(unit.toNanos(time), 0, MAX_WAIT);
  }
}
