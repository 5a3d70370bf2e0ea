package io.tidemark.executor;

import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.home.PlannedSplit;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.home.RefreshSplitsTable;
import io.tidemark.common.home.RefreshWork;
import io.tidemark.common.home.StagedWork;
import io.tidemark.common.home.TargetVersions;
import io.tidemark.common.refresh.Unchanged;
import io.tidemark.executor.delta.DeltaTable;
import io.tidemark.executor.lane.Side;
import io.tidemark.executor.plan.Reading;
import io.tidemark.executor.plan.RefreshPlan;
import io.tidemark.executor.plan.StagedPlanner;
import io.tidemark.executor.source.Connector;
import io.tidemark.executor.source.SourceVersion;
import io.tidemark.executor.source.Split;
import io.tidemark.executor.source.postgres.PostgresConnector;
import io.tidemark.executor.staging.StagingTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the plan of a staged refresh from one look at its source, and stores it together with the
 * splits and the tables that take what is loaded and what is found: one transaction, which fences
 * last, since columns may have to be added to a target that somebody reads. Where the target holds
 * that very version, the refresh ends instead.
 */
final class StagedPlanning {
  private static final Logger LOG = LoggerFactory.getLogger(StagedPlanning.class);

  private final long refreshId;
  private final String executor;
  private final PostgresAddress home;

  StagedPlanning(long refreshId, String executor, PostgresAddress home) {
    this.refreshId = refreshId;
    this.executor = executor;
    this.home = home;
  }

  /** What planning came to. */
  sealed interface Outcome {
    /** This executor's plan is the refresh's. */
    record Stored(RefreshPlan plan) implements Outcome {}

    /** The refresh has ended: its target held this version already. */
    record Ended() implements Outcome {}
  }

  /**
   * Empty where another plans it, or has planned it.
   *
   * @param why a Postgres source is staged; of other sources empty
   */
  Optional<Outcome> plan(TableDefinition definition, Connector connector, Optional<String> why)
      throws SQLException {
    return new PlanningClaim(refreshId, executor, home)
        .during((control, generation) -> plan(definition, connector, why, control, generation));
  }

  private Optional<Outcome> plan(
      TableDefinition definition,
      Connector connector,
      Optional<String> why,
      Connection control,
      long generation)
      throws SQLException {
    var version = Side.SOURCE.call(connector::look);
    var last = new StagedWork(refreshId).lastPlan(control).map(PlanJson::read);
    var plan = StagedPlanner.plan(definition, version, last, control).because(why);
    var since = since(control, generation, plan, version);
    if (since.isPresent()) {
      return end(control, generation, plan, since.get())
          ? Optional.of(new Outcome.Ended())
          : Optional.empty();
    }
    return store(control, generation, plan, version)
        ? Optional.of(new Outcome.Stored(plan))
        : Optional.empty();
  }

  /** Which refresh has read this version into the target as it is; then its transaction is open. */
  private Optional<Unchanged> since(
      Connection control, long generation, RefreshPlan plan, SourceVersion version)
      throws SQLException {
    control.setAutoCommit(false);
    if (version.identity().isEmpty()
        || plan.firstLoad()
        || !plan.staged().orElseThrow().added().isEmpty()) {
      return Optional.empty();
    }
    var identity = version.identity().get();
    var refresh =
        new TargetVersions(refreshId, plan.target())
            .since(control, generation, identity, PlanJson.write(Reading.of(plan)));
    if (refresh.isEmpty()) {
      control.rollback();
      return Optional.empty();
    }
    return Optional.of(Unchanged.since(refresh.getAsLong(), identity));
  }

  private boolean end(Connection control, long generation, RefreshPlan plan, Unchanged why)
      throws SQLException {
    if (!new TargetVersions(refreshId, plan.target())
        .end(control, generation, PlanJson.write(plan), why)) {
      control.rollback();
      return false;
    }
    control.commit();
    LOG.atInfo()
        .addKeyValue("refresh", refreshId)
        .addKeyValue("version", why.version())
        .addKeyValue("readBy", why.refresh())
        .log("unchanged: nothing read");
    return true;
  }

  private boolean store(
      Connection control, long generation, RefreshPlan plan, SourceVersion version)
      throws SQLException {
    // First: who is fenced must not meet the tables of another's plan.
    if (!new RefreshWork(refreshId)
        .storePlan(control, generation, PlanJson.write(plan), plan.firstLoad(), true)) {
      control.rollback();
      return false;
    }
    StagedPlanner.addColumns(control, plan);
    new StagingTable(refreshId, plan).create(control);
    if (!plan.firstLoad()) {
      new DeltaTable(refreshId, plan).create(control);
    }
    var splits = version.splits().stream().map(StagedPlanning::planned).toList();
    new RefreshSplitsTable(refreshId).insert(control, splits);
    // Only of a Postgres source there is a reason: its version is an exported snapshot.
    if (plan.why().isPresent()) {
      new RefreshWork(refreshId)
          .exported(control, 1, executor + "/keeper", PostgresConnector.export(version));
    }
    control.commit();
    LOG.atInfo()
        .addKeyValue("refresh", refreshId)
        .addKeyValue("splits", splits.size())
        .addKeyValue("firstLoad", plan.firstLoad())
        .addKeyValue("columnsIgnored", plan.staged().orElseThrow().ignored())
        .log("planned");
    return true;
  }

  private static PlannedSplit planned(Split split) {
    return new PlannedSplit(
        split.number(), split.name(), split.spec(), split.rows(), split.bytes());
  }
}
