package io.tidemark.executor.lane;

import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.home.RefreshProgressTable;
import io.tidemark.executor.RefreshableMaterializeArgs;
import java.time.Duration;

/**
 * What the lanes of one refresh on one executor share.
 *
 * @param retryFor how long a lane that makes no progress keeps trying to reach source or home
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
    Duration retryFor,
    int chunkRows,
    int claimSize,
    Runnable fenced) {
  private static final int MAX_NEIGHBOURS = 4;

  /** How many a lane claims at once: neighbours, but never so many that others run dry. */
  public static int claimSize(int pieces, int lanes) {
    return Math.clamp(pieces / (4L * lanes), 1, MAX_NEIGHBOURS);
  }
}
