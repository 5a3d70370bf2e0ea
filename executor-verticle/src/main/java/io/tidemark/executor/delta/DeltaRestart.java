package io.tidemark.executor.delta;

import io.tidemark.common.home.RefreshProgressTable;
import io.tidemark.executor.plan.RefreshPlan;
import java.sql.Connection;
import java.sql.SQLException;

/** Starts all VNodes again in a new snapshot, and forgets what they have found. */
public final class DeltaRestart {
  private DeltaRestart() {}

  /**
   * In the caller's transaction. Fences all owners first, so that none adds to what is forgotten.
   *
   * @param progressive inserts and updates are in the target already: they stay, as what was done,
   *     in the change feed and in the counters; what differs from them now comes on top
   */
  public static void restart(Connection home, long refreshId, RefreshPlan plan, boolean progressive)
      throws SQLException {
    new RefreshProgressTable(refreshId).restart(home, progressive && !plan.firstLoad());
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
