package io.tidemark.executor.merge;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Rows in key order, one at a time, in the binary form of COPY. */
public interface RowStream {
  /**
   * The next row, or null once the stream has ended cleanly: everything was sent and the server
   * said so. Any other end throws, so that a short read can never look like the end of the source.
   */
  byte @Nullable [] next() throws SQLException;

  /** A stream without a row: the target of a first load. */
  static RowStream empty() {
    return () -> null;
  }
}
