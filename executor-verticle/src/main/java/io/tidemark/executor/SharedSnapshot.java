package io.tidemark.executor;

import io.tidemark.common.home.RefreshWork.Export;
import io.tidemark.executor.snapshot.SourceSnapshot;
import io.tidemark.executor.snapshot.SourceSnapshot.Reader;
import io.tidemark.executor.source.postgres.Snapshots;
import java.sql.SQLException;

/**
 * The snapshot that all executors of a staged refresh read, as it is written down in the home.
 * Where nobody holds it any more a new one is taken, and all splits start again.
 */
record SharedSnapshot(SourceSnapshot shared, Opening opening) implements Snapshots {
  /** Opens a connection in a new snapshot. */
  @FunctionalInterface
  interface Opening {
    Reader open() throws SQLException;
  }

  @Override
  public Reader first() throws SQLException {
    var reader = opening.open();
    shared.keep(reader);
    return reader;
  }

  @Override
  public Reader join(Export export) throws SQLException {
    return shared.open("split");
  }

  @Override
  public void close() {
    shared.close();
  }
}
