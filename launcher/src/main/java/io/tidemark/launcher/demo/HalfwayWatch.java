package io.tidemark.launcher.demo;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.PostgresAddress;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Looks at the refresh in the home until half of its VNodes are complete. */
final class HalfwayWatch implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private static final String COMPLETED =
      """
      SELECT count(*) FILTER (WHERE p.is_completed) AS completed, count(*) AS total
        FROM tidemark.refresh_progress p JOIN tidemark.refreshes r ON r.id = p.refresh_id
       WHERE r.state = 'REFRESHING'
      """;

  private final Connection home;

  HalfwayWatch(PostgresAddress address) throws SQLException {
    home = address.connect("tidemark demo");
  }

  /**
   * Returns how many VNodes are complete.
   *
   * @param alive whether the refresh's process still runs
   */
  long await(BooleanSupplier alive) throws SQLException {
    var end = System.nanoTime() + LIMIT.toNanos();
    while (alive.getAsBoolean() && System.nanoTime() < end) {
      try (var statement = home.createStatement();
          var row = statement.executeQuery(COMPLETED)) {
        row.next();
        var completed = row.getLong("completed");
        if (completed > 0 && 2 * completed >= row.getLong("total")) {
          return completed;
        }
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    throw new TidemarkException(ErrorCode.BUG, "the refresh ended before it could be killed");
  }

  @Override
  public void close() throws SQLException {
    home.close();
  }
}
