package io.tidemark.executor;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A step that is one long transaction, and may be given up from another thread: its statement is
 * cancelled, and what it did is rolled back.
 */
final class Interruptible {
  private static final Logger LOG = LoggerFactory.getLogger(Interruptible.class);

  private volatile boolean interrupted;
  private volatile @Nullable Connection working;

  /** Gives it up. Does not block. May come too late, once the commit is under way. */
  void interrupt() {
    interrupted = true;
    Thread.ofVirtual().name("tidemark-interrupt").start(this::cancelStatement);
  }

  boolean isInterrupted() {
    return interrupted;
  }

  /** Its statements are those of this connection; null: it has ended. */
  void works(@Nullable Connection connection) {
    working = connection;
  }

  private void cancelStatement() {
    var current = working;
    if (current == null) {
      return;
    }
    try {
      current.unwrap(PGConnection.class).cancelQuery();
    } catch (SQLException e) {
      LOG.debug("statement not interrupted", e);
    }
  }
}
