package io.tidemark.suite;

import io.tidemark.common.home.PostgresAddress;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Reads a database whose server is killed and started again meanwhile. For one thread. */
final class SteadyConnection implements AutoCloseable {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final PostgresAddress address;
  private Optional<Connection> open = Optional.empty();

  SteadyConnection(PostgresAddress address) {
    this.address = address;
  }

  /** Something that may be done again where its end was not heard. */
  @FunctionalInterface
  interface Work<T> {
    T on(Connection connection) throws Exception;
  }

  /** Does it, again where the server goes away meanwhile. */
  <T> T ask(Work<T> work) throws Exception {
    var end = System.nanoTime() + PATIENCE_NANOS;
    while (true) {
      try {
        return work.on(connection());
      } catch (SQLException e) {
        close();
        if (System.nanoTime() > end) {
          throw e;
        }
        LockSupport.parkNanos(POLL_NANOS);
      }
    }
  }

  private Connection connection() throws SQLException {
    if (open.isEmpty()) {
      var connection = address.connect("test");
      open = Optional.of(connection);
      Databases.execute(connection, "SET TimeZone = 'UTC'");
    }
    return open.get();
  }

  @Override
  public void close() {
    open.ifPresent(SteadyConnection::drop);
    open = Optional.empty();
  }

  private static void drop(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      // Its server is gone: so is it.
      return;
    }
  }
}
