package io.tidemark.executor.source.files;

import io.tidemark.executor.source.CopyText;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The records of a file that is text, one after the other. */
interface TextRows {
  /**
   * From now on a record that is broken is one too, {@link #refused}, wherever it is sure where it
   * ends; without this each ends the reading.
   */
  void quarantine();

  /**
   * Goes to the next record.
   *
   * @return false where the file ended after a whole one
   */
  boolean next() throws IOException;

  /** Why this record cannot be read; null: it can. */
  @Nullable String refused();

  /**
   * Appends the record as a row; one that is refused as a single value, as it is written.
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
