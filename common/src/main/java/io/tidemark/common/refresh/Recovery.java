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
 * @param splitsCompleted loaded at that moment
 * @param splitsReleased likewise taken from their owner, or to be loaded again
 * @param seconds from the last sign of life of what was lost until the refresh went on; null where
 *     nobody was lost, or it has not gone on yet
 */
public record Recovery(
    Instant at,
    RecoveryCause cause,
    @Nullable String executor,
    RefreshStage stage,
    int vnodesCompleted,
    int vnodesReleased,
    int splitsCompleted,
    int splitsReleased,
    @Nullable Double seconds) {}
