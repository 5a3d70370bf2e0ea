package io.tidemark.executor.lane;

import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.home.RefreshProgressTable;
import io.tidemark.executor.RefreshableMaterializeArgs;
import io.tidemark.executor.core.Retry;
import java.time.Duration;

/**
 * What the lanes of one refresh on one executor share.
 *
 * @param holdFor how long a lane that cannot reach source or home keeps what it owns
 * @param chunkRows differences in one transaction, at most
 * @param claimSize VNodes or splits to claim at once
 * @param fenced called for each write that was refused
 */
public record LaneContext(
    RefreshableMaterializeArgs args,
    String executor,
    PostgresAddress home,
    RefreshProgressTable progress,
    ProgressWriter writer,
    Throttle throttle,
    BarrierClock barriers,
    Duration holdFor,
    int chunkRows,
    int claimSize,
    Runnable fenced) {
  private static final int MAX_NEIGHBOURS = 4;

  /** Others may reach what this executor cannot: they shall not wait for as long as it tries. */
  public static Duration holdFor(Duration retryFor) {
    return retryFor.compareTo(Retry.HOLD) < 0 ? retryFor : Retry.HOLD;
  }

  /** How many a lane claims at once: neighbours, but never so many that others run dry. */
  public static int claimSize(int pieces, int lanes) {
    return Math.clamp(pieces / (4L * lanes), 1, MAX_NEIGHBOURS);
  }
}
