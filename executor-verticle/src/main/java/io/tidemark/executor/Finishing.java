package io.tidemark.executor;

import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.home.RefreshWork;
import io.tidemark.common.home.TargetVersions;
import io.tidemark.executor.delta.DeltaApply;
import io.tidemark.executor.delta.DeltaTable;
import io.tidemark.executor.delta.LoadTable;
import io.tidemark.executor.lane.Peer;
import io.tidemark.executor.lane.SilenceWatch;
import io.tidemark.executor.plan.Connections;
import io.tidemark.executor.plan.Reading;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a refresh: the delta reaches the target, becomes a page of the change feed, and the refresh
 * becomes SUCCEEDED, in one transaction. Its last statement is conditional on the claim that this
 * executor holds and on the state: a stale finisher, or one whose refresh was cancelled meanwhile,
 * commits nothing.
 */
final class Finishing {
  private static final Logger LOG = LoggerFactory.getLogger(Finishing.class);

  private final RefreshableMaterializeArgs args;
  private final String executor;
  private final PostgresAddress home;
  private final Runnable fenced;
  private final Interruptible step;

  Finishing(
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
  }

  /** Does nothing where another finishes it or has finished it. */
  void finish() throws SQLException {
    var work = new RefreshWork(args.refreshId());
    try (var connection = Connections.home(home, "tidemark finish " + args.refreshId())) {
      step.works(connection);
      var generation = work.claimFinishing(connection, executor);
      if (generation.isEmpty()) {
        return;
      }
      SilenceWatch.during(
          Peer.of(connection, home), () -> finish(work, connection, generation.getAsLong()));
    } finally {
      step.works(null);
    }
  }

  private void finish(RefreshWork work, Connection connection, long generation)
      throws SQLException {
    var done = false;
    try {
      var skipDeletes = work.load(connection).map(RefreshWork.Row::skipDeletes).orElse(false);
      connection.setAutoCommit(false);
      var lastChange = apply(connection, skipDeletes);
      if (step.isInterrupted()) {
        LOG.atInfo().addKeyValue("refresh", args.refreshId()).log("interrupted: rolled back");
        return;
      }
      if (!work.succeed(connection, generation, lastChange)) {
        connection.rollback();
        fenced.run();
        LOG.atWarn().addKeyValue("refresh", args.refreshId()).log("fenced: finishing refused");
        return;
      }
      keep(connection);
      connection.commit();
      done = true;
      LOG.atInfo().addKeyValue("refresh", args.refreshId()).log("finished");
    } catch (SQLException e) {
      if (!step.isInterrupted()) {
        throw e;
      }
      LOG.atInfo().addKeyValue("refresh", args.refreshId()).log("interrupted: rolled back");
    } finally {
      if (!done) {
        giveBack(work, connection, generation);
      }
    }
  }

  /** So that the next refresh knows what its target holds. */
  private void keep(Connection connection) throws SQLException {
    var identity = args.plan().staged().flatMap(staged -> staged.version().identity());
    if (identity.isPresent()) {
      new TargetVersions(args.refreshId(), args.plan().target())
          .keep(connection, identity.get(), PlanJson.write(Reading.of(args.plan())));
    }
  }

  /** So that another can finish it. What is given up with the connection stays this executor's. */
  private void giveBack(RefreshWork work, Connection connection, long generation) {
    try {
      connection.rollback();
      work.release(connection, generation);
      connection.commit();
    } catch (SQLException e) {
      LOG.atDebug().addKeyValue("refresh", args.refreshId()).log("finishing not given back");
    }
  }

  /** Returns the last change to show in the change feed; none: of a load, or nothing differed. */
  private OptionalLong apply(Connection connection, boolean skipDeletes) throws SQLException {
    if (args.plan().firstLoad()) {
      new LoadTable(args.refreshId(), args.plan()).becomeTarget(connection);
      return OptionalLong.empty();
    }
    var apply = new DeltaApply(args.refreshId(), args.plan());
    if (skipDeletes) {
      apply.dropDeletes(connection);
    }
    if (args.progressive()) {
      apply.applyDeletes(connection);
    } else {
      apply.applyAll(connection);
    }
    var delta = new DeltaTable(args.refreshId(), args.plan());
    var last = delta.last(connection);
    if (last.isEmpty()) {
      delta.drop(connection);
    }
    return last;
  }
}
