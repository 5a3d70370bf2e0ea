package io.tidemark.executor.staging;

import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.refresh.RowCounts;
import io.tidemark.executor.plan.RefreshPlan;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Compares one VNode's staged rows with the target's inside the home. */
@SuppressWarnings("DoNotCallSuggester") // until it has its body
public final class StagedMerge {
  /**
   * Compares nothing yet.
   *
   * @param progressive whether inserts and updates go on from the delta into the target at once
   */
  public StagedMerge(long refreshId, RefreshPlan plan, boolean progressive) {
    throw new UnsupportedOperationException();
  }

  /**
   * Writes the VNode's differences to the delta, in the caller's transaction, which must fence
   * first. Whole or not at all: a VNode has no position in between.
   *
   * @param lower exclusive, as text by key column; empty: open-ended
   * @param upper inclusive, likewise
   * @return staged rows compared, and differences written
   * @throws TidemarkException STAGING_LOST where the staged rows are not there any more: nothing
   *     was written then, least of all a delete
   */
  public RowCounts merge(
      Connection home, int vnode, Optional<List<String>> lower, Optional<List<String>> upper)
      throws SQLException {
    throw new UnsupportedOperationException();
  }
}
