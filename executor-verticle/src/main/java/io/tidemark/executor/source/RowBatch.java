package io.tidemark.executor.source;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.SortedMap;
import java.util.function.IntFunction;

/**
 * Whole rows of a split, ready for {@code COPY … FROM STDIN}.
 *
 * @param bytes rows without header and trailer, in an array of its own or a reader's; valid until
 *     the next batch is asked for
 * @param rows how many rows
 * @param sourceBytes read from the source for them, about
 * @param position where the split goes on after them
 * @param place where a row of this batch, counted from 0, stands in the source, for messages:
 *     {@code data/a.csv, line 17}
 * @param refused rows that are none, by number, each with the reason: what stands in their place is
 *     what the source has there, as text, and not for the home to read
 */
public record RowBatch(
    ByteBuffer bytes,
    int rows,
    long sourceBytes,
    String position,
    IntFunction<String> place,
    SortedMap<Integer, String> refused) {
  /** Of which none is refused. */
  public RowBatch(
      ByteBuffer bytes, int rows, long sourceBytes, String position, IntFunction<String> place) {
    this(bytes, rows, sourceBytes, position, place, Collections.emptySortedMap());
  }
}
