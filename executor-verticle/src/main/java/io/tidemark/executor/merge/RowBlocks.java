package io.tidemark.executor.merge;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The bytes of a binary COPY, a whole number of rows at a time. */
public interface RowBlocks {
  /** The next ones; null once the server has said that it sent everything. */
  byte @Nullable [] next() throws SQLException;
}
