package io.tidemark.executor.merge;

import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;

/** Starts a {@code COPY (SELECT …) TO STDOUT (FORMAT binary)}. */
public final class CopyBlocks {
  private CopyBlocks() {}

  /** What it sends is read from the connection as it is asked for. Not thread-safe. */
  public static RowBlocks open(Connection connection, String copy) throws SQLException {
    return connection.unwrap(PGConnection.class).getCopyAPI().copyOut(copy)::readFromCopy;
  }
}
