package io.tidemark.executor;

import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.home.RefreshProgressTable;
import io.tidemark.common.home.RefreshWork;
import io.tidemark.common.home.VNodeRange;
import io.tidemark.executor.delta.DeltaTable;
import io.tidemark.executor.delta.LoadTable;
import io.tidemark.executor.lane.Peer;
import io.tidemark.executor.lane.Side;
import io.tidemark.executor.lane.SilenceWatch;
import io.tidemark.executor.plan.Planner;
import io.tidemark.executor.plan.RefreshPlan;
import io.tidemark.executor.plan.VNodeBoundaries;
import io.tidemark.executor.snapshot.SourceSnapshot;
import io.tidemark.executor.snapshot.SourceSnapshot.Reader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the plan of a refresh, inside the snapshot that it will be read in, and stores it together
 * with the VNodes and the table that will take what is found: one transaction, so that a refresh
 * has all of it or nothing.
 */
final class Planning {
  private static final Logger LOG = LoggerFactory.getLogger(Planning.class);

  private final long refreshId;
  private final String executor;
  private final PostgresAddress home;
  private final RefreshWork work;

  Planning(long refreshId, String executor, PostgresAddress home) {
    this.refreshId = refreshId;
    this.executor = executor;
    this.home = home;
    this.work = new RefreshWork(refreshId);
  }

  /** A plan that is stored, and a connection in the snapshot that it was made in. */
  record Planned(RefreshPlan plan, Reader reader) {}

  /**
   * Empty where another plans it, or has planned it.
   *
   * @param why it is not staged
   */
  Optional<Planned> plan(TableDefinition definition, PostgresAddress source, String why)
      throws SQLException {
    return new PlanningClaim(refreshId, executor, home)
        .during((control, generation) -> plan(definition, source, why, control, generation));
  }

  private Optional<Planned> plan(
      TableDefinition definition,
      PostgresAddress source,
      String why,
      Connection control,
      long generation)
      throws SQLException {
    var reader =
        Side.SOURCE.call(
            () -> SourceSnapshot.first(source, definition, "tidemark " + refreshId + " keeper"));
    var stored = false;
    try {
      var plan = plan(definition, reader.connection(), control).because(Optional.of(why));
      var vnodes = new ArrayList<VNodeRange>();
      var peer = new Peer(reader.connection(), source, reader.process());
      Side.SOURCE.call(
          () -> {
            SilenceWatch.during(
                peer,
                () ->
                    vnodes.addAll(
                        VNodeBoundaries.plan(reader.connection(), plan, definition.vnodes())));
            return vnodes;
          });
      stored = store(control, generation, plan, vnodes, reader);
      return stored ? Optional.of(new Planned(plan, reader)) : Optional.empty();
    } finally {
      if (!stored) {
        reader.connection().close();
      }
    }
  }

  /** Reads both catalogs: which of them failed shows in which connection did not survive it. */
  private static RefreshPlan plan(TableDefinition definition, Connection source, Connection control)
      throws SQLException {
    try {
      return Planner.plan(definition, source, control);
    } catch (SQLException e) {
      throw new Side.Broken(control.isClosed() ? Side.HOME : Side.SOURCE, e);
    }
  }

  private boolean store(
      Connection control, long generation, RefreshPlan plan, List<VNodeRange> vnodes, Reader reader)
      throws SQLException {
    control.setAutoCommit(false);
    if (!work.storePlan(control, generation, PlanJson.write(plan), plan.firstLoad(), false)) {
      control.rollback();
      return false;
    }
    if (plan.firstLoad()) {
      new LoadTable(refreshId, plan).create(control);
    } else {
      new DeltaTable(refreshId, plan).create(control);
    }
    new RefreshProgressTable(refreshId).insert(control, vnodes);
    work.exported(control, 1, executor + "/keeper", reader.export());
    control.commit();
    LOG.atInfo()
        .addKeyValue("refresh", refreshId)
        .addKeyValue("vnodes", vnodes.size())
        .addKeyValue("firstLoad", plan.firstLoad())
        .log("planned");
    return true;
  }
}
