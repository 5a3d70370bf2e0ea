package io.tidemark.suite.scenario;

import java.io.IOException;
import java.sql.SQLException;

/** A source whose rows a test replaces as a whole. */
interface ScenarioSource extends AutoCloseable {
  /**
   * Fields of a table's definition, as YAML of the flow style: {@code source}, and what else the
   * kind needs.
   *
   * @param oneMoment whether all that is read must be of one moment
   */
  String definition(boolean oneMoment);

  /** Makes these all of its rows, and these columns all that it has. */
  void replace(Version version) throws Exception;

  /** It is gone, as far as who reads it does not keep that from happening. */
  void drop() throws Exception;

  /** Whoever reads it meets an error, until it is mended. */
  void fail() throws Exception;

  void mend() throws Exception;

  @Override
  void close() throws IOException, SQLException;
}
