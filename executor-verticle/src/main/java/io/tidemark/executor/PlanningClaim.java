package io.tidemark.executor;

import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.home.RefreshWork;
import io.tidemark.executor.plan.Connections;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The claim to plan a refresh: one executor's at a time, given back where nothing came of it. */
final class PlanningClaim {
  private static final Logger LOG = LoggerFactory.getLogger(PlanningClaim.class);

  private final long refreshId;
  private final String executor;
  private final PostgresAddress home;
  private final RefreshWork work;

  PlanningClaim(long refreshId, String executor, PostgresAddress home) {
    this.refreshId = refreshId;
    this.executor = executor;
    this.home = home;
    this.work = new RefreshWork(refreshId);
  }

  /** Plans and stores. */
  @FunctionalInterface
  interface Step<T> {
    /**
     * @param control to the home
     * @param generation that the claim holds
     * @return empty: fenced, nothing was stored
     */
    Optional<T> run(Connection control, long generation) throws SQLException;
  }

  /** Empty where another plans it, or has planned it. */
  <T> Optional<T> during(Step<T> step) throws SQLException {
    try (var control = Connections.home(home, "tidemark plan " + refreshId)) {
      var generation = work.claimPlanning(control, executor);
      if (generation.isEmpty()) {
        return Optional.empty();
      }
      var planned = Optional.<T>empty();
      try {
        planned = step.run(control, generation.getAsLong());
      } finally {
        if (planned.isEmpty()) {
          giveBack(control, generation.getAsLong());
        }
      }
      return planned;
    }
  }

  /** So that another can plan it. What is lost with the connection stays this executor's. */
  private void giveBack(Connection control, long generation) {
    try {
      if (!control.getAutoCommit()) {
        control.rollback();
        control.setAutoCommit(true);
      }
      work.release(control, generation);
    } catch (SQLException e) {
      LOG.atDebug().addKeyValue("refresh", refreshId).log("planning not given back");
    }
  }
}
