package io.tidemark.common.refresh;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One recovery of a refresh.
 *
 * @param at when, on the home database's clock
 * @param executor the executor that was lost, null where the cause is another
 * @param vnodesCompleted completed at that moment, and so skipped from then on
 * @param vnodesReleased taken from their owner, to be claimed again
 */
public record Recovery(
    Instant at,
    RecoveryCause cause,
    @Nullable String executor,
    RefreshStage stage,
    int vnodesCompleted,
    int vnodesReleased) {}
