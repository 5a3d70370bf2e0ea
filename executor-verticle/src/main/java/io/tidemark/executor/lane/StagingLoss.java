package io.tidemark.executor.lane;

import io.tidemark.common.home.SqlName;
import io.tidemark.common.home.StagedWork;
import io.tidemark.common.refresh.Consistency;
import io.tidemark.common.refresh.RefreshStage;
import io.tidemark.executor.RefreshableMaterializeArgs;
import io.tidemark.executor.delta.DeltaRestart;
import io.tidemark.executor.staging.StagingTable;
import java.sql.Connection;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done where a crash of the home has emptied the staging table, or where what is staged of
 * a split cannot be gone on with: all splits are loaded again, VNodes that are complete stay so,
 * and nothing is deleted.
 */
public final class StagingLoss {
  private static final Logger LOG = LoggerFactory.getLogger(StagingLoss.class);

  /**
   * Whoever still holds a lock on staging when all that may write to it are fenced can only be one
   * of ours that was stopped in the middle of a write: it would hold up the others for ever.
   */
  private static final String END_FENCED =
      """
      SELECT pg_terminate_backend(l.pid)
        FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
       WHERE l.relation = to_regclass(%s) AND l.pid <> pg_backend_pid()
         AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND a.application_name LIKE 'tidemark %%'
      """;

  private StagingLoss() {}

  /** As below, over a lane's connection. */
  static void loadAgain(HomeConnection home, LaneContext lane, int lost, RefreshStage stage)
      throws SQLException {
    home.write(
        connection -> {
          loadAgain(connection, lane.args(), lost, lane.executor(), stage);
          return lost;
        });
  }

  /**
   * Starts the load again; does nothing where another has, or where the refresh has ended. What is
   * loaded then may be a later version of the source, where that keeps none: under {@code
   * consistency: strict} VNodes that are complete start again too.
   *
   * @param home not in a transaction
   * @param lost number of the load that is lost
   * @param stage in which that was noticed
   */
  public static void loadAgain(
      Connection home,
      RefreshableMaterializeArgs args,
      int lost,
      String executor,
      RefreshStage stage)
      throws SQLException {
    var refreshId = args.refreshId();
    var strict = args.definition().consistency() == Consistency.STRICT;
    home.setAutoCommit(false);
    var again = false;
    try {
      again = new StagedWork(refreshId).loadAgain(home, lost, executor, stage.name(), strict);
      if (again) {
        var staging = new StagingTable(refreshId, args.plan());
        endFenced(home, staging);
        if (strict) {
          DeltaRestart.restart(home, refreshId, args.plan(), args.progressive());
        }
        staging.clear(home);
        home.commit();
      }
    } finally {
      if (!home.isClosed()) {
        home.rollback();
        home.setAutoCommit(true);
      }
    }
    if (again) {
      LOG.atWarn()
          .addKeyValue("refresh", refreshId)
          .addKeyValue("load", lost + 1)
          .addKeyValue("stage", stage)
          .log("what is staged cannot be used: all splits are loaded again");
    }
  }

  /** Ends sessions that are fenced and hold up whoever needs staging for itself. */
  public static void endFenced(Connection home, StagingTable staging) throws SQLException {
    try (var statement = home.createStatement()) {
      statement.execute(END_FENCED.formatted(SqlName.literal(staging.name())));
    }
  }
}
