package io.tidemark.executor.plan;

import io.tidemark.common.config.TableDefinition;
import io.tidemark.executor.source.SourceVersion;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** Decides what a staged refresh reads, compares and writes. */
@SuppressWarnings("DoNotCallSuggester") // until it has its body
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
    throw new UnsupportedOperationException();
  }

  /**
   * As {@link #examine}.
   *
   * @throws io.tidemark.common.error.TidemarkException with the code of the first problem; its
   *     message names all of them
   */
  public static RefreshPlan plan(
      TableDefinition table, SourceVersion version, Optional<RefreshPlan> last, Connection home)
      throws SQLException {
    throw new UnsupportedOperationException();
  }

  /**
   * Adds the columns that the target lacks ({@link StagedPlan#added}), in the transaction that
   * stores the plan. Needs a lock on the target that waits for its readers, up to the lock timeout.
   */
  public static void addColumns(Connection home, RefreshPlan plan) throws SQLException {
    throw new UnsupportedOperationException();
  }
}
