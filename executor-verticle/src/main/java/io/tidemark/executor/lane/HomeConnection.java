package io.tidemark.executor.lane;

import io.tidemark.executor.plan.Connections;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A lane's own connection to the home, opened when first needed. {@link #abort} may be called from
 * another thread, to wake a lane that waits for a silent server.
 */
final class HomeConnection {
  private final LaneContext context;
  private final String purpose;
  private final ServerWait waiting;
  private volatile @Nullable Peer peer;

  /**
   * Opens nothing yet.
   *
   * @param purpose how the server's {@code pg_stat_activity} shows it, after the refresh
   */
  HomeConnection(LaneContext context, String purpose, ServerWait waiting) {
    this.context = context;
    this.purpose = purpose;
    this.waiting = waiting;
  }

  /** Something that claims, checkpoints or writes what was found. */
  @FunctionalInterface
  interface Writing<T> {
    T on(Connection home) throws SQLException;
  }

  /** Each statement its own transaction until told otherwise. */
  <T> T write(Writing<T> work) throws SQLException {
    return Side.HOME.call(
        () -> {
          var current = peer();
          return waiting.during(current, () -> work.on(current.connection()));
        });
  }

  /**
   * In one transaction.
   *
   * @param work false: fenced, nothing is committed
   */
  boolean transact(Writing<Boolean> work) throws SQLException {
    return write(
        home -> {
          home.setAutoCommit(false);
          var written = false;
          try {
            written = work.on(home);
            if (written) {
              home.commit();
            }
            return written;
          } finally {
            // Of a connection that is broken nothing is committed either.
            if (!written && !home.isClosed()) {
              home.rollback();
            }
            if (!home.isClosed()) {
              home.setAutoCommit(true);
            }
          }
        });
  }

  /** The connection itself, for a stream that is read between two calls. */
  Peer peer() throws SQLException {
    var current = peer;
    if (current == null) {
      current =
          Side.HOME.call(
              () ->
                  Peer.of(
                      Connections.home(
                          context.home(),
                          "tidemark %d %s".formatted(context.args().refreshId(), purpose)),
                      context.home()));
      peer = current;
    }
    return current;
  }

  /** Cuts it, at once and without a word; the next call opens another. */
  void abort() {
    var current = peer;
    peer = null;
    if (current != null) {
      current.abort();
    }
  }
}
