package io.tidemark.common.refresh;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One VNode as {@code GET /refreshes/{id}/vnodes} shows it.
 *
 * @param lowerBound exclusive, as text by key column; null: open-ended
 * @param upperBound inclusive, likewise
 * @param position the last key merged, where it would resume; null: at its start
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record VNodeView(
    int vnode,
    RefreshStage stage,
    boolean completed,
    @Nullable List<String> lowerBound,
    @Nullable List<String> upperBound,
    @Nullable List<String> position,
    RowCounts rows,
    long bytesRead,
    @Nullable String owner,
    long generation,
    long epoch,
    int snapshot,
    @Nullable Instant claimedAt,
    @Nullable Instant completedAt) {}
