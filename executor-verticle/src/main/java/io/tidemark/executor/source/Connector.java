package io.tidemark.executor.source;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * A source that can be read in splits. One for each refresh and executor; its readers are used by
 * several lanes at once, each reader by one.
 *
 * <p>Errors: a {@link io.tidemark.common.error.TidemarkException} says what, where and what to do,
 * and whether trying again can help; an {@link SQLException} that is a lost connection is tried
 * again, any other is not. An error is never the end of a split.
 */
public interface Connector extends AutoCloseable {
  /**
   * Looks at the source: what there is to read, and in which version. Called once when a refresh is
   * planned, and when a definition is validated. Reads no more of the data than it must.
   */
  SourceVersion look() throws SQLException;

  /**
   * Opens a split.
   *
   * @param version as {@link #look} gave it, perhaps on another executor
   * @param split one of the version's
   * @param columns those to read, in the order in which values are wanted: names of the version's
   *     columns, each with the SQL type that takes its values in the home
   * @param position where to go on: as the last {@link RowBatch} that is safe gave it; empty: at
   *     the split's start
   * @throws io.tidemark.common.error.TidemarkException with {@code SOURCE_CHANGED} where the source
   *     no longer is that version; with {@code STAGING_LOST} where the version can still be read,
   *     but not from that position on: then all splits are loaded again
   */
  SplitReader open(
      SourceVersion version, Split split, List<WantedColumn> columns, Optional<String> position)
      throws SQLException;

  /** Closes what readers share. Readers that are open end with an error. */
  @Override
  void close();

  /**
   * A column to read.
   *
   * @param type what takes its values in the home, as SQL
   */
  record WantedColumn(String name, String type) {}
}
