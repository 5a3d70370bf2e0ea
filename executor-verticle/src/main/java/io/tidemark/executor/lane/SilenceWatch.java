package io.tidemark.executor.lane;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Tells a server that works in silence from one that is gone: a COPY sorts for minutes before its
 * first row, and a link that drops packets looks the same. Where a thread has waited for one
 * connection for a while, its server is asked over another; where that has no answer either, or
 * says that it does nothing for us, the connection is cut, so that whoever waits goes on by its own
 * rules. So the bound on silence is three looks and a login, under a minute.
 */
public final class SilenceWatch implements AutoCloseable {
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(10);

  private final List<ServerWait> waits;
  private final Duration betweenLooks;
  private final CountDownLatch closed = new CountDownLatch(1);

  private SilenceWatch(List<ServerWait> waits, Duration betweenLooks) {
    this.waits = List.copyOf(waits);
    this.betweenLooks = betweenLooks;
  }

  static SilenceWatch over(List<ServerWait> waits) {
    return over(waits, BETWEEN_LOOKS);
  }

  static SilenceWatch over(List<ServerWait> waits, Duration betweenLooks) {
    var watch = new SilenceWatch(waits, betweenLooks);
    Thread.ofVirtual().name("tidemark-silence").start(watch::run);
    return watch;
  }

  /** Talks to one server under watch. */
  public static void during(Peer peer, Step step) throws SQLException {
    var wait = new ServerWait();
    try (var watch = over(List.of(wait))) {
      wait.during(
          peer,
          () -> {
            step.run();
            return watch;
          });
    }
  }

  /** Something that talks to a server. */
  @FunctionalInterface
  public interface Step {
    void run() throws SQLException;
  }

  private void run() {
    try {
      while (!closed.await(betweenLooks.toMillis(), TimeUnit.MILLISECONDS)) {
        try (var probes = new Probes()) {
          waits.forEach(wait -> wait.look(probes));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
