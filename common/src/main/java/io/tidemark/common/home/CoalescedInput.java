package io.tidemark.common.home;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What a server sends, in large portions. Postgres sends a COPY in pieces of 8 KiB, each row in a
 * message of its own. A thread that is woken for each piece, and a driver that is called for each
 * row, spend more on that than on the rows. So while data flow it waits a moment for several pieces
 * to arrive, and it makes one CopyData message of those that arrived whole: how a COPY is cut into
 * messages has no meaning. Everything else passes as it came; an answer that is short at once. Of a
 * connection that is encrypted above it, it sees no messages and changes nothing.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY">COPY
 *     operations: "the message boundaries are not required to have anything to do with row
 *     boundaries"</a>
 */
final class CoalescedInput extends FilterInputStream {
  private static final int BUFFER_BYTES = 128 << 10;

  /** A last portion of at least this says that more is coming. */
  private static final int FLOWING_BYTES = 8 << 10;

  private static final long GATHER_NANOS = TimeUnit.MICROSECONDS.toNanos(500);
  private static final int HEADER_BYTES = 1 + Integer.BYTES;

  private enum Framing {
    /** Single bytes come, in answer to questions for encryption. */
    GREETING,
    MESSAGES,
    /** Encrypted. */
    OPAQUE
  }

  private final byte[] buffer = new byte[BUFFER_BYTES];
  private Framing framing = Framing.GREETING;

  /** What may be handed out stands between these two, then unread bytes up to {@code end}. */
  private int position;

  private int ready;
  private int unread;
  private int end;

  /** Bytes of a message begun that are still to come behind {@code unread}. */
  private long rest;

  private int lastPortion;

  CoalescedInput(InputStream in) {
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
    if (position == ready && unread == end && rest >= BUFFER_BYTES && length >= BUFFER_BYTES) {
      var portion = in.read(bytes, offset, (int) Math.min(length, rest));
      rest -= Math.max(0, portion);
      return portion;
    }
    if (!fill()) {
      return -1;
    }
    var portion = Math.min(length, ready - position);
    System.arraycopy(buffer, position, bytes, offset, portion);
    position += portion;
    return portion;
  }

  @Override
  public int available() throws IOException {
    return ready - position + end - unread + in.available();
  }

  @Override
  public long skip(long count) throws IOException {
    if (count <= 0 || !fill()) {
      return 0;
    }
    var portion = (int) Math.min(count, ready - position);
    position += portion;
    return portion;
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  /** Returns whether there is a byte to hand out; false at the stream's end. */
  private boolean fill() throws IOException {
    while (position == ready) {
      position = unread;
      ready = unread;
      release();
      if (position == ready && !receive()) {
        return false;
      }
    }
    return true;
  }

  /** Reads behind what is there. An error, such as a timeout, changes nothing. */
  private boolean receive() throws IOException {
    System.arraycopy(buffer, unread, buffer, 0, end - unread);
    end -= unread;
    position = 0;
    ready = 0;
    unread = 0;
    if (lastPortion >= FLOWING_BYTES && in.available() < BUFFER_BYTES / 2) {
      LockSupport.parkNanos(GATHER_NANOS);
    }
    lastPortion = in.read(buffer, end, BUFFER_BYTES - end);
    if (lastPortion > 0) {
      end += lastPortion;
      return true;
    }
    // The stream broke off within a header: whoever reads may know what to make of it.
    ready = end;
    unread = end;
    return ready > 0;
  }

  /** Moves what can be handed out from unread to ready. */
  private void release() {
    if (rest > 0) {
      pass((int) Math.min(rest, end - unread));
      return;
    }
    while (unread < end && framing != Framing.MESSAGES) {
      if (framing == Framing.OPAQUE) {
        pass(end - unread);
        return;
      }
      greet(buffer[unread]);
      if (framing != Framing.MESSAGES) {
        pass(1);
      }
    }
    while (rest <= 0 && end - unread >= HEADER_BYTES) {
      var size = 1L + length(unread);
      if (size < HEADER_BYTES) {
        framing = Framing.OPAQUE;
        pass(end - unread);
        return;
      }
      if (buffer[unread] == 'd' && size <= end - unread) {
        coalesce();
        return;
      }
      rest = size;
      pass((int) Math.min(size, end - unread));
    }
  }

  private void pass(int bytes) {
    ready += bytes;
    unread += bytes;
    rest = Math.max(0, rest - bytes);
  }

  /** What the server's first byte says: that it refuses encryption, begins it, or talks. */
  private void greet(byte first) {
    framing =
        switch (first) {
          case 'N' -> Framing.GREETING;
          case 'S', 'G' -> Framing.OPAQUE;
          default -> Framing.MESSAGES;
        };
  }

  /** Makes one CopyData message of all whole ones that follow each other. */
  private void coalesce() {
    var first = unread;
    var to = first + HEADER_BYTES;
    while (end - unread >= HEADER_BYTES && buffer[unread] == 'd') {
      var payload = length(unread) - Integer.BYTES;
      var from = unread + HEADER_BYTES;
      if (payload < 0 || payload > end - from) {
        break;
      }
      if (from != to) {
        System.arraycopy(buffer, from, buffer, to, payload);
      }
      to += payload;
      unread = from + payload;
    }
    ready = to;
    var length = to - first - 1;
    buffer[first + 1] = (byte) (length >>> 24);
    buffer[first + 2] = (byte) (length >>> 16);
    buffer[first + 3] = (byte) (length >>> 8);
    buffer[first + 4] = (byte) length;
  }

  private int length(int message) {
    return ((buffer[message + 1] & 0xff) << 24)
        | ((buffer[message + 2] & 0xff) << 16)
        | ((buffer[message + 3] & 0xff) << 8)
        | (buffer[message + 4] & 0xff);
  }
}
