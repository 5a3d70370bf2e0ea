package io.tidemark.executor.source.postgres;

import io.tidemark.common.home.RefreshWork.Export;
import io.tidemark.executor.snapshot.SourceSnapshot.Reader;
import java.sql.SQLException;

/** Where a connector's connections come from: all of them see one snapshot of the source. */
public interface Snapshots extends AutoCloseable {
  /** A connection in a new snapshot, which stays open until this is closed. */
  Reader first() throws SQLException;

  /**
   * A connection in that snapshot, for the caller to close.
   *
   * @param export of the {@link #first} connection, perhaps on another executor
   * @throws io.tidemark.common.error.TidemarkException SOURCE_CHANGED where nobody holds it any
   *     more
   */
  Reader join(Export export) throws SQLException;

  @Override
  void close();
}
