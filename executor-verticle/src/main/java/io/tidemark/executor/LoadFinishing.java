package io.tidemark.executor;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.home.RefreshProgressTable;
import io.tidemark.common.home.RefreshWork;
import io.tidemark.common.home.StagedWork;
import io.tidemark.common.refresh.RefreshStage;
import io.tidemark.executor.lane.Peer;
import io.tidemark.executor.lane.SilenceWatch;
import io.tidemark.executor.lane.StagingLoss;
import io.tidemark.executor.plan.Connections;
import io.tidemark.executor.staging.Preparation;
import io.tidemark.executor.staging.StagingTable;
import java.sql.Connection;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the loading of a staged refresh: what is staged gets its key and its VNodes, in one
 * transaction. Its last statement is conditional on the claim that this executor holds. Where what
 * was staged is lost, all splits start again instead.
 */
final class LoadFinishing {
  private static final Logger LOG = LoggerFactory.getLogger(LoadFinishing.class);

  private final RefreshableMaterializeArgs args;
  private final String executor;
  private final PostgresAddress home;
  private final Runnable fenced;
  private final Interruptible step;
  private final StagedWork staged;
  private final RefreshWork work;

  LoadFinishing(
      RefreshableMaterializeArgs args,
      String executor,
      PostgresAddress home,
      Runnable fenced,
      Interruptible step) {
    this.args = args;
    this.executor = executor;
    this.home = home;
    this.fenced = fenced;
    this.step = step;
    this.staged = new StagedWork(args.refreshId());
    this.work = new RefreshWork(args.refreshId());
  }

  /** Whether it changed anything; not, where another ends it or it was given up. */
  boolean finish() throws SQLException {
    try (var connection = Connections.home(home, "tidemark prepare " + args.refreshId())) {
      step.works(connection);
      var generation = staged.claimLoadFinish(connection, executor);
      if (generation.isEmpty()) {
        return false;
      }
      var changed = new boolean[1];
      SilenceWatch.during(
          Peer.of(connection, home), () -> changed[0] = finish(connection, generation.getAsLong()));
      return changed[0];
    } finally {
      step.works(null);
    }
  }

  private boolean finish(Connection connection, long generation) throws SQLException {
    var load = work.snapshot(connection);
    var done = false;
    try {
      connection.setAutoCommit(false);
      done = prepare(connection, generation);
      return done;
    } catch (TidemarkException e) {
      if (e.code() != ErrorCode.STAGING_LOST) {
        throw e;
      }
      connection.rollback();
      connection.setAutoCommit(true);
      StagingLoss.loadAgain(connection, args, load, executor, RefreshStage.REFRESHING);
      done = true;
      return true;
    } catch (SQLException e) {
      if (!step.isInterrupted()) {
        throw e;
      }
      return false;
    } finally {
      if (!done) {
        giveBack(connection, generation);
      }
    }
  }

  private boolean prepare(Connection connection, long generation) throws SQLException {
    // All splits are complete: whoever still writes is fenced.
    StagingLoss.endFenced(connection, new StagingTable(args.refreshId(), args.plan()));
    var prepared =
        new Preparation(args.refreshId(), args.plan(), args.definition().vnodes())
            .prepare(connection, staged.rowsLoaded(connection));
    if (step.isInterrupted()) {
      return false;
    }
    var progress = new RefreshProgressTable(args.refreshId());
    if (args.plan().firstLoad()) {
      progress.insertLoaded(connection, prepared.vnodes());
    } else if (!progress.any(connection)) {
      // Those of an earlier load stay: boundaries are chosen once.
      progress.insert(connection, prepared.vnodes());
    }
    var report = prepared.report();
    if (!staged.loadFinished(
        connection, generation, report.nullKeys() + report.duplicates(), report)) {
      connection.rollback();
      fenced.run();
      LOG.atWarn().addKeyValue("refresh", args.refreshId()).log("fenced: end of load refused");
      return false;
    }
    connection.commit();
    LOG.atInfo()
        .addKeyValue("refresh", args.refreshId())
        .addKeyValue("rows", prepared.rows())
        .log("loaded");
    return true;
  }

  /** So that another can do it. What is given up with the connection stays this executor's. */
  private void giveBack(Connection connection, long generation) {
    try {
      connection.rollback();
      work.release(connection, generation);
      connection.commit();
    } catch (SQLException e) {
      LOG.atDebug().addKeyValue("refresh", args.refreshId()).log("end of load not given back");
    }
  }
}
