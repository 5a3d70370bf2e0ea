package io.tidemark.suite;

import java.io.IOException;
import java.sql.SQLException;
import java.util.SortedMap;

/** A source with columns {@code id} and {@code v}, whose rows a test replaces as a whole. */
interface ChangingSource extends AutoCloseable {
  /** What stands behind {@code source:} in the configuration, and what else the table needs. */
  String definition();

  /**
   * Makes these all of its rows.
   *
   * @param rows {@code v} by {@code id}
   */
  void replace(SortedMap<Integer, String> rows) throws Exception;

  @Override
  void close() throws SQLException, IOException;
}
