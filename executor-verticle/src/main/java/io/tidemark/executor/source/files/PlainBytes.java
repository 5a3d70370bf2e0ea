package io.tidemark.executor.source.files;

import java.nio.ByteBuffer;

/**
 * Runs of bytes that mean nothing in a value without quotes, neither to CSV nor to COPY, eight at a
 * time. A word is left to who looks at single bytes where one of them may mean something:
 * delimiter, quote, backslash, a control character. The tests are those for a zero byte, and for
 * one below a bound, of "Bit Twiddling Hacks" (Sean Eron Anderson).
 */
final class PlainBytes {
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH = 0x8080808080808080L;
  private static final long CONTROLS = ONES * 0x20;
  private static final long BACKSLASHES = ONES * '\\';

  private final long delimiters;
  private final long quotes;

  PlainBytes(byte delimiter, byte quote) {
    this.delimiters = ONES * (delimiter & 0xff);
    this.quotes = ONES * (quote & 0xff);
  }

  /** Where the first word begins, from a place on, that is not plain, or does not end in time. */
  int end(ByteBuffer words, int from, int limit) {
    var i = from;
    while (i + Long.BYTES <= limit && isPlain(words.getLong(i))) {
      i += Long.BYTES;
    }
    return i;
  }

  private boolean isPlain(long word) {
    var found =
        ((word - CONTROLS) & ~word)
            | zero(word ^ delimiters)
            | zero(word ^ quotes)
            | zero(word ^ BACKSLASHES);
    return (found & HIGH) == 0;
  }

  /** Its high bits: of a byte that is zero, and perhaps of one behind it. */
  private static long zero(long word) {
    return (word - ONES) & ~word;
  }
}
