package io.tidemark.executor.source.files;

import java.io.IOException;
import java.nio.charset.Charset;

/** How the records of text files are found. */
interface TextFormat {
  Charset charset();

  /**
   * The records of a file.
   *
   * @param window where a record begins
   * @param line of that place
   * @param head whether that is the file's beginning: what stands there besides records is checked
   *     and passed over
   * @throws io.tidemark.common.error.TidemarkException SCHEMA_CHANGED where it does not hold what
   *     is to be read
   */
  TextRows rows(SourceFile file, Window window, long line, boolean head) throws IOException;
}
