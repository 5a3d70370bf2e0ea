package io.tidemark.toxiproxy.toxic;

import io.vertx.core.buffer.Buffer;

/**
 * Bytes on their way through a link.
 *
 * @param bytes never changed once they are in here
 * @param since when they were received, in nanoseconds of the link's clock; a delay moves it on, so
 *     that delays add up
 */
public record Chunk(Buffer bytes, long since) {
  /** How many bytes. */
  public int size() {
    return bytes.length();
  }

  /** Those from {@code start} to before {@code end}. */
  public Chunk slice(int start, int end) {
    return new Chunk(bytes.slice(start, end), since);
  }
}
