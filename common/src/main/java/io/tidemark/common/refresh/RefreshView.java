package io.tidemark.common.refresh;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tidemark.common.error.ErrorReport;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A refresh as every face shows it: the body of {@code GET /refreshes/{id}}, the snapshot on the
 * WebSocket, and what {@code --json} prints.
 *
 * @param percent of the planned work that is durable, 0 to 100; never goes back
 * @param etaSeconds seconds to the end of reading at the present speed, null where unknown
 * @param epoch the last committed epoch that saw this refresh
 * @param merge which way its rows go, null before it is planned
 * @param snapshots how many source snapshots it has read, 1 where it was never lost
 * @param bytesRead bytes of source rows
 * @param rowsPerSecond source rows a second since merging began or was last resumed
 * @param loadReport what loading met and did not read, null before a staged source is loaded
 * @param unchanged why it read nothing, null where it read its source
 * @param guard why it waits for a person, or which deletes it skipped; null where neither
 * @param error why it failed, null where it did not
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record RefreshView(
    long id,
    String table,
    RefreshState state,
    RefreshStage stage,
    RefreshTrigger trigger,
    boolean dryRun,
    boolean paused,
    boolean firstLoad,
    long term,
    long epoch,
    Visibility visibility,
    @Nullable MergeWay merge,
    int snapshots,
    double percent,
    @Nullable Long etaSeconds,
    SplitCounts splits,
    VNodeCounts vnodes,
    RowCounts rows,
    long bytesRead,
    long rowsPerSecond,
    List<Recovery> recoveries,
    @Nullable LoadReport loadReport,
    @Nullable Unchanged unchanged,
    @Nullable GuardReport guard,
    @Nullable ErrorReport error,
    Instant requestedAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt) {
  public RefreshView {
    recoveries = List.copyOf(recoveries);
  }
}
