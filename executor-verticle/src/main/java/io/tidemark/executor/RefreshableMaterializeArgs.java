package io.tidemark.executor;

import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.refresh.Visibility;
import io.tidemark.executor.plan.RefreshPlan;

/**
 * What a {@link MaterializeExecutor} needs to work on a planned refresh.
 *
 * @param refreshId tags every message, row and log line of the cycle
 * @param definition the table's, as it was when the refresh was asked for
 */
public record RefreshableMaterializeArgs(
    long refreshId, TableDefinition definition, Visibility visibility, RefreshPlan plan) {
  /** Whether inserts and updates go into the target chunk by chunk. */
  public boolean progressive() {
    return visibility == Visibility.PROGRESSIVE && !plan.firstLoad();
  }
}
