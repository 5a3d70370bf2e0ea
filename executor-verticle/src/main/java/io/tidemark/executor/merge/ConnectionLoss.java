package io.tidemark.executor.merge;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Set;

/** Tells errors that another connection can mend from errors that come back each time. */
public final class ConnectionLoss {
  static final String PROTOCOL = "08P01";

  /** Classes of SQLSTATE: connection, resources, operator intervention. */
  private static final Set<String> CLASSES = Set.of("08", "53", "57", "58");

  /** Deadlock and serialisation failure; server not ready for a snapshot, lock not available. */
  private static final Set<String> STATES = Set.of("40001", "40P01", "25006", "55P03");

  private static final String DISK_FULL = "53100";

  private ConnectionLoss() {}

  /** Whether the server is there, and has no room: trying again helps once somebody makes some. */
  public static boolean isDiskFull(SQLException error) {
    return DISK_FULL.equals(error.getSQLState());
  }

  /** Whether trying again on a new connection can help. */
  public static boolean isIn(Throwable error) {
    for (var cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException) {
        return true;
      }
      if (cause instanceof SQLException sql) {
        var state = sql.getSQLState();
        if (state == null || CLASSES.contains(state.substring(0, 2)) || STATES.contains(state)) {
          return true;
        }
      }
    }
    return false;
  }
}
