package io.tidemark.meta.core;

import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RowCounts;
import java.util.Optional;
import java.util.Set;

/**
 * An active refresh as it stands in Postgres.
 *
 * @param planned whether an executor has stored its plan
 * @param approved a person has looked at what the guard found
 * @param snapshot number of the source snapshot that its VNodes are read in
 * @param workedMillis time of work so far
 * @param total VNodes that the plan made
 * @param completed those of them that are merged completely
 * @param owners executors that own VNodes or splits which are not completed
 * @param workOwner the executor that plans it, ends its loading or finishes it
 */
public record RefreshRow(
    long id,
    RefreshState state,
    boolean paused,
    boolean dryRun,
    boolean planned,
    boolean approved,
    int attempt,
    int snapshot,
    long workedMillis,
    Policy policy,
    Loading loading,
    int total,
    int completed,
    RowCounts rows,
    Set<String> owners,
    Optional<String> workOwner,
    Trouble trouble) {
  public RefreshRow {
    owners = Set.copyOf(owners);
  }

  /** Whether all that can be found is found and durable. */
  public boolean merged() {
    return planned && loading.mergeable() && total > 0 && completed == total;
  }
}
