package io.tidemark.common.home;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Reads a stream in large portions. Postgres sends COPY in pieces of 8 KiB, and a virtual thread
 * that waits for each of them spends more on being parked and woken than on the rows: while data
 * flow, it waits a moment for several to arrive. An answer that is short is read at once.
 */
final class PortionedInput extends FilterInputStream {
  private static final int BUFFER_BYTES = 128 << 10;

  /** A last portion of at least this says that more is coming. */
  private static final int FLOWING_BYTES = 8 << 10;

  private static final long GATHER_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int position;
  private int end;

  PortionedInput(InputStream in) {
    super(in);
  }

  @Override
  public int read() throws IOException {
    return fill() ? buffer[position++] & 0xff : -1;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (position == end && length >= BUFFER_BYTES) {
      return in.read(bytes, offset, length);
    }
    if (!fill()) {
      return -1;
    }
    var portion = Math.min(length, end - position);
    System.arraycopy(buffer, position, bytes, offset, portion);
    position += portion;
    return portion;
  }

  @Override
  public int available() throws IOException {
    return end - position + in.available();
  }

  @Override
  public long skip(long count) throws IOException {
    if (count <= 0 || !fill()) {
      return 0;
    }
    var portion = (int) Math.min(count, end - position);
    position += portion;
    return portion;
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  /** Returns whether there is a byte to read; false at the stream's end. */
  private boolean fill() throws IOException {
    if (position < end) {
      return true;
    }
    if (end >= FLOWING_BYTES && in.available() < BUFFER_BYTES / 2) {
      LockSupport.parkNanos(GATHER_NANOS);
    }
    // Emptied first: an error, such as a timeout, must not show old bytes again.
    position = 0;
    end = 0;
    end = Math.max(0, in.read(buffer, 0, BUFFER_BYTES));
    return end > 0;
  }
}
