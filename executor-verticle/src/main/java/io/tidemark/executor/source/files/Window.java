package io.tidemark.executor.source.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A piece of a file's bytes in memory, moved on as records are consumed. */
final class Window {
  /** A longer record is refused: it would fill the memory. */
  static final int MAX_RECORD_BYTES = 64 << 20;

  private static final int SMALLEST = 8 << 10;
  private static final int USUAL = 1 << 20;

  private final InputStream input;
  private long offset;

  byte[] bytes;

  /** The same bytes, to be read in words. */
  ByteBuffer words;

  /** Where what is not consumed begins. */
  int at;

  /** Where what is in memory ends. */
  int limit;

  /** Whether that is the end of the file, too. */
  boolean ended;

  /**
   * @param offset in the file where the input begins
   * @param size of the file, about
   */
  Window(InputStream input, long offset, long size) {
    this.input = input;
    this.offset = offset;
    this.bytes = new byte[Math.clamp(size + 1, SMALLEST, USUAL)];
    this.words = words(bytes);
  }

  private static ByteBuffer words(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
  }

  /** In the file, of what is not consumed. */
  long offset() {
    return offset + at;
  }

  /**
   * Reads more behind what is not consumed, which moves to the front.
   *
   * @return false where there is no more, or where a single record fills all that may be filled
   */
  boolean refill() throws IOException {
    var kept = limit - at;
    if (kept == bytes.length) {
      if (kept >= MAX_RECORD_BYTES) {
        return false;
      }
      bytes = Arrays.copyOf(bytes, kept * 2);
      words = words(bytes);
    }
    System.arraycopy(bytes, at, bytes, 0, kept);
    offset += at;
    at = 0;
    limit = kept;
    while (limit < bytes.length && !ended) {
      try {
        var read = input.read(bytes, limit, bytes.length - limit);
        ended = read < 0;
        limit += Math.max(0, read);
      } catch (IOException e) {
        if (limit == kept) {
          throw e;
        }
        break; // what came before it first: the next call meets it again
      }
    }
    return true;
  }

  boolean empty() {
    return at == limit;
  }
}
