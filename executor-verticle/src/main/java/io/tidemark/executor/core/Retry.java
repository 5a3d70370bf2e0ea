package io.tidemark.executor.core;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How often something that failed is tried again: after twice as long each time, until a limit
 * since the first failure.
 *
 * @param limit how long to keep trying without any success
 * @param failingSinceNanos the first failure since the last success
 * @param waitMillis before the next try
 */
public record Retry(Duration limit, OptionalLong failingSinceNanos, long waitMillis) {
  /**
   * Who cannot reach a server for so long lets others try: they may have the link that it lacks.
   */
  public static final Duration HOLD = Duration.ofSeconds(4);

  private static final long FIRST_MILLIS = 100;
  private static final long LONGEST_MILLIS = 5_000;

  /** Nothing has failed yet. */
  public static Retry upTo(Duration limit) {
    return new Retry(limit, OptionalLong.empty(), FIRST_MILLIS);
  }

  /** A success: the next failure is a first one. */
  Retry reset() {
    return failingSinceNanos.isEmpty() ? this : upTo(limit);
  }

  /** A failure: empty where the limit is reached. Before the next try wait {@link #waitMillis}. */
  Optional<Retry> failed(long nowNanos) {
    var since = failingSinceNanos.orElse(nowNanos);
    return nowNanos - since >= limit.toNanos()
        ? Optional.empty()
        : Optional.of(new Retry(limit, OptionalLong.of(since), waitMillis));
  }

  /** Whether it has failed for longer than others should wait for it. */
  boolean isLong(long nowNanos) {
    return failingSinceNanos.isPresent()
        && nowNanos - failingSinceNanos.getAsLong() >= HOLD.toNanos();
  }

  /** It waited. */
  Retry waited() {
    return new Retry(limit, failingSinceNanos, Math.min(2 * waitMillis, LONGEST_MILLIS));
  }
}
