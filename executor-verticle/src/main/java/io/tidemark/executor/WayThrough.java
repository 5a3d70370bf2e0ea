package io.tidemark.executor;

import io.tidemark.executor.core.Free;
import io.tidemark.executor.lane.LaneCrew;
import java.sql.Connection;
import java.sql.SQLException;

/** How a planned refresh gets from its source to what differs. Of one refresh on one executor. */
sealed interface WayThrough extends AutoCloseable permits StreamedWay, StagedWay {
  /** What there is to do. */
  Free look(Connection home) throws SQLException;

  /** Gives back what this executor owns: no lane works while this is asked. */
  void giveBack(Connection home) throws SQLException;

  /** Lanes that load splits. */
  LaneCrew loaders();

  /** Lanes that merge VNodes. */
  LaneCrew mergers();

  /** Drops what it holds of the source. */
  @Override
  void close();
}
