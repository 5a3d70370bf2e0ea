package io.tidemark.executor.plan;

import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.SqlName;
import io.tidemark.executor.source.SourceVersion;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.stream.Collectors;

/** Decides what a staged refresh reads, compares and writes. */
public final class StagedPlanner {
  private StagedPlanner() {}

  /**
   * Looks at a source's version and at the target, and says all that stands in the way. Reads only.
   *
   * @param last the plan of the table's last refresh that succeeded
   * @param home configured by {@link Sessions}; may be in a transaction, which stays usable
   */
  public static PlanResult examine(
      TableDefinition table, SourceVersion version, Optional<RefreshPlan> last, Connection home)
      throws SQLException {
    return new StagedExamination(table, version, last, home).result();
  }

  /**
   * As {@link #examine}.
   *
   * @throws TidemarkException with the code of the first problem; its message names all of them
   */
  public static RefreshPlan plan(
      TableDefinition table, SourceVersion version, Optional<RefreshPlan> last, Connection home)
      throws SQLException {
    return Planner.planned(table, examine(table, version, last, home));
  }

  /**
   * Adds the columns that the target lacks ({@link StagedPlan#added}), in the transaction that
   * stores the plan. Needs a lock on the target that waits for its readers, up to the lock timeout.
   */
  public static void addColumns(Connection home, RefreshPlan plan) throws SQLException {
    var added = plan.staged().orElseThrow().added();
    if (added.isEmpty()) {
      return;
    }
    try (var statement = home.createStatement()) {
      statement.execute(
          "ALTER TABLE "
              + SqlName.quote(plan.targetSchema(), plan.targetName())
              + added.stream()
                  .map(
                      column -> " ADD COLUMN " + SqlName.quote(column.name()) + " " + column.type())
                  .collect(Collectors.joining(",")));
    }
  }
}
