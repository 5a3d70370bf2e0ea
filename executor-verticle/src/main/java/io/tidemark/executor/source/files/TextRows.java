package io.tidemark.executor.source.files;

import io.tidemark.executor.source.CopyText;
import java.io.IOException;

/** The records of a file that is text, one after the other. */
interface TextRows {
  /**
   * Goes to the next record.
   *
   * @return false where the file ended after a whole one
   */
  boolean next() throws IOException;

  /**
   * Appends the record as a row.
   *
   * @param wanted numbers of columns, in the order in which the row has them
   */
  void append(int[] wanted, CopyText row);

  /** The line that the record began with, from 1. */
  long line();

  /** Where the next record begins, in bytes. */
  long offset();

  /** Where the next record begins, in lines. */
  long nextLine();
}
