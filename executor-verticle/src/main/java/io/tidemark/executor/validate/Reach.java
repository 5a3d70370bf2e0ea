package io.tidemark.executor.validate;

import io.tidemark.common.home.PostgresAddress;
import io.tidemark.executor.plan.ConnectFailure;
import io.tidemark.executor.plan.Connections;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Which servers answer. Each address is tried once, however many tables are there, so that a host
 * that drops packets costs one wait.
 */
final class Reach {
  private static final String NAME = "tidemark validate";

  /** Above the sessions' lock_timeout, which gives the better message. */
  private static final int SILENCE_MILLIS = 40_000;

  private final ConcurrentMap<PostgresAddress, FutureTask<Optional<ConnectFailure>>> tried =
      new ConcurrentHashMap<>();

  /** Why this address cannot be reached; empty where it can. */
  Optional<ConnectFailure> failure(PostgresAddress address) throws InterruptedException {
    var attempt = tried.computeIfAbsent(address, it -> new FutureTask<>(() -> attempt(it)));
    attempt.run(); // does nothing where another thread runs it or has run it
    try {
      return attempt.get();
    } catch (ExecutionException | CancellationException e) {
      throw new IllegalStateException(e.getCause() == null ? e : e.getCause());
    }
  }

  static Connection source(PostgresAddress address) throws SQLException {
    return bounded(Connections.source(address, NAME));
  }

  static Connection home(PostgresAddress address) throws SQLException {
    return bounded(Connections.home(address, NAME));
  }

  private static Connection bounded(Connection connection) throws SQLException {
    connection.setNetworkTimeout(Runnable::run, SILENCE_MILLIS);
    return connection;
  }

  private static Optional<ConnectFailure> attempt(PostgresAddress address) {
    try {
      address.connect(NAME).close();
      return Optional.empty();
    } catch (SQLException e) {
      return Optional.of(ConnectFailure.of(address, e));
    }
  }
}
