package io.tidemark.executor.delta;

import io.tidemark.executor.plan.RefreshPlan;
import java.sql.Connection;
import java.sql.SQLException;

/** Forgets what was found, because all VNodes start again in a new snapshot. */
public final class DeltaRestart {
  private DeltaRestart() {}

  /**
   * In the caller's transaction, which has fenced all owners.
   *
   * @param progressive inserts and updates are in the target already: they stay, as what was done
   */
  public static void discard(Connection home, long refreshId, RefreshPlan plan, boolean progressive)
      throws SQLException {
    if (plan.firstLoad()) {
      new LoadTable(refreshId, plan).clear(home);
      return;
    }
    try (var statement = home.createStatement()) {
      statement.execute(
          "DELETE FROM "
              + new DeltaTable(refreshId, plan).name()
              + (progressive ? " WHERE op = 'D'" : ""));
    }
  }
}
