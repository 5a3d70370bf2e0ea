package io.tidemark.executor.staging;

import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.plan.RefreshPlan;
import io.tidemark.executor.source.RowBatch;
import io.tidemark.executor.source.Split;
import io.tidemark.executor.source.SplitReader;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Table {@code tidemark.staging_<refresh>}: the rows of a source as they were read, in the target's
 * types, UNLOGGED. Of a first load it is the load table itself, {@code tidemark.load_<refresh>},
 * which is logged, so that nothing is staged twice.
 */
@SuppressWarnings("DoNotCallSuggester") // until it has its body
public final class StagingTable {
  public StagingTable(long refreshId, RefreshPlan plan) {
    throw new UnsupportedOperationException();
  }

  /** Quoted, schema-qualified. */
  public String name() {
    throw new UnsupportedOperationException();
  }

  /** Creates it, in the transaction that stores the plan. */
  public void create(Connection home) throws SQLException {
    throw new UnsupportedOperationException();
  }

  /** Removes it where it exists; a load table that has become the target is left alone. */
  public void drop(Connection home) throws SQLException {
    throw new UnsupportedOperationException();
  }

  /**
   * Removes all rows, and those in quarantine, in the caller's transaction, for splits that all
   * start again. From now on it counts as whole again.
   */
  public void clear(Connection home) throws SQLException {
    throw new UnsupportedOperationException();
  }

  /** Whether a crash or failover of the home has emptied it since it was created or cleared. */
  public boolean lost(Connection home) throws SQLException {
    throw new UnsupportedOperationException();
  }

  /**
   * Appends rows by COPY in the caller's transaction, which must fence first. After an exception
   * the transaction is to be rolled back.
   *
   * @return what was done with the batch's rows: their sum is {@link RowBatch#rows}
   * @throws TidemarkException ROW_MALFORMED with place and column, where a row cannot be read and
   *     the policy does not put it in quarantine, or that is full; STAGING_LOST where it was
   *     emptied
   */
  public Appended append(Connection home, Split split, SplitReader.Format format, RowBatch batch)
      throws SQLException {
    throw new UnsupportedOperationException();
  }

  /**
   * What became of a batch.
   *
   * @param rows in the table: what counts as loaded, and must be found there later
   * @param quarantined in {@code tidemark.quarantine}
   */
  public record Appended(long rows, long quarantined) {}
}
