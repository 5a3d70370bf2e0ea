package io.tidemark.executor;

import io.tidemark.common.home.RefreshSplitsTable;
import io.tidemark.common.home.StagedWork;
import io.tidemark.executor.core.Free;
import io.tidemark.executor.lane.LaneContext;
import io.tidemark.executor.lane.LaneCrew;
import io.tidemark.executor.source.Connector;
import java.sql.Connection;
import java.sql.SQLException;

/** Splits are loaded into staging, whose VNodes are compared with the target inside the home. */
record StagedWay(LaneContext loading, LaneContext merging, Connector connector, int lanes)
    implements WayThrough {
  @Override
  public Free look(Connection home) throws SQLException {
    var refresh = new StagedWork(loading.args().refreshId());
    if (refresh.isLoaded(home)) {
      return merging.progress().anyFree(home) ? Free.VNODES : Free.NOTHING;
    }
    if (splits().anyFree(home)) {
      return Free.SPLITS;
    }
    return refresh.anyIncomplete(home) ? Free.NOTHING : Free.STAGING;
  }

  @Override
  public void giveBack(Connection home) throws SQLException {
    splits().releaseAll(home, loading.executor());
    merging.progress().releaseAll(home, loading.executor());
  }

  private RefreshSplitsTable splits() {
    return new RefreshSplitsTable(loading.args().refreshId());
  }

  @Override
  public LaneCrew loaders() {
    return LaneCrew.loading(loading, connector, lanes);
  }

  @Override
  public LaneCrew mergers() {
    return LaneCrew.merging(merging, lanes);
  }

  @Override
  public void close() {
    connector.close();
  }
}
