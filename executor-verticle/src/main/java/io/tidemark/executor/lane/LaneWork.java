package io.tidemark.executor.lane;

import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.common.refresh.RefreshStage;
import io.tidemark.executor.core.LaneEvent;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * What a lane works on, one piece at a time: VNodes that it merges, or splits that it loads. Each
 * method carries out what {@link io.tidemark.executor.core.LaneProtocol} decides. Used by the
 * lane's thread; {@link #abort}, {@link #isUnwritten} and {@link #waiting} by others too.
 */
interface LaneWork {
  /** The stage in which its pieces are, for messages. */
  RefreshStage stage();

  /** Takes free pieces. */
  LaneEvent.Claimed claim() throws SQLException;

  /**
   * Opens a piece where it stands.
   *
   * @return false: it is no longer the lane's, for all pieces begin again
   */
  boolean open(Claim claim) throws SQLException;

  /** As {@link io.tidemark.common.home.RefreshProgressTable#owns}. */
  boolean owns(Claim claim) throws SQLException;

  /**
   * Reads on, up to where a checkpoint is due.
   *
   * @return {@link LaneEvent.Reached} or {@link LaneEvent.Ended}
   */
  LaneEvent read() throws SQLException;

  /**
   * Lets the position of the open piece be written, where there is nothing else to write.
   *
   * @return {@link LaneEvent.HandedOver}, or {@link LaneEvent.Fenced}
   */
  LaneEvent handOver(long epoch, boolean completed) throws SQLException;

  /**
   * Writes what was read of the open piece, with its position, in one transaction.
   *
   * @return {@link LaneEvent.Written}, or {@link LaneEvent.Fenced}
   */
  LaneEvent write(long epoch, boolean completed) throws SQLException;

  /** As {@link io.tidemark.common.home.RefreshProgressTable#retake}. */
  Optional<Claim> retake(Claim claim) throws SQLException;

  /** As {@link io.tidemark.common.home.RefreshProgressTable#setAside}. */
  void setAside(Claim claim, ErrorReport why) throws SQLException;

  /** Gives pieces back. */
  void release(List<Claim> claims) throws SQLException;

  /** What a message about a piece that failed says. */
  TidemarkException explain(Claim claim, TidemarkException error);

  /** Whether anything that was read is not on its way to Postgres yet. */
  boolean isUnwritten();

  /** Drops all connections, at once and without a word. */
  void cut();

  /** Ends what waits for a server, from another thread. */
  void abort();

  /** Drops what it reads the source's snapshot with. */
  void leaveSnapshot();

  /** What it waits for. */
  ServerWait waiting();
}
