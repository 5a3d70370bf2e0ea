package io.tidemark.executor;

import io.tidemark.common.home.RefreshProgressTable;
import io.tidemark.executor.core.Free;
import io.tidemark.executor.lane.LaneContext;
import io.tidemark.executor.lane.LaneCrew;
import io.tidemark.executor.snapshot.SourceSnapshot;
import java.sql.Connection;
import java.sql.SQLException;

/** Both sides are read in key order and merged. */
record StreamedWay(LaneContext context, SourceSnapshot snapshot, int lanes) implements WayThrough {
  private RefreshProgressTable vnodes() {
    return context.progress();
  }

  @Override
  public Free look(Connection home) throws SQLException {
    return vnodes().anyFree(home) ? Free.VNODES : Free.NOTHING;
  }

  @Override
  public void giveBack(Connection home) throws SQLException {
    vnodes().releaseAll(home, context.executor());
  }

  @Override
  public LaneCrew loaders() {
    throw new IllegalStateException("a stream is not loaded");
  }

  @Override
  public LaneCrew mergers() {
    return LaneCrew.streaming(context, snapshot, lanes);
  }

  @Override
  public void close() {
    snapshot.close();
  }
}
