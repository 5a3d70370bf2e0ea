package io.tidemark.executor.source;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Reads one split, in an order that is the same each time. Used by one thread; {@link #abort} by
 * any.
 */
public interface SplitReader extends AutoCloseable {
  /** How {@link RowBatch#bytes} are written. */
  enum Format {
    /**
     * COPY's text format: tab, newline and backslash escaped, null as {@code \N}; each value in a
     * form that its wanted type reads.
     */
    TEXT,
    /** COPY's binary format: each value in the binary form of its wanted type. */
    BINARY
  }

  Format format();

  /**
   * Rows; null where the split has ended cleanly, and only there.
   *
   * @throws io.tidemark.common.error.TidemarkException with {@code SOURCE_CHANGED} where the source
   *     turns out not to be the version any more; the last call of a split looks once more
   */
  @Nullable RowBatch next() throws SQLException;

  /** Ends a read that waits, from another thread. */
  void abort();

  @Override
  void close();
}
