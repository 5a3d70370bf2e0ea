package io.tidemark.toxiproxy;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.util.function.LongConsumer;

/**
 * One direction of a connection. Bounded: where the receiver is slow, the sender is no longer read.
 * Used on one event loop only.
 */
final class Pipe {
  private static final int MAX_QUEUED_BYTES = 64 * 1024;
  private static final long UNLIMITED = Long.MAX_VALUE;

  private final NetSocket from;
  private final NetSocket to;
  private final LongConsumer moved;
  private final Runnable exhausted;

  private boolean stalled;
  private boolean full;
  private long left = UNLIMITED;

  /**
   * @param moved hears how many bytes are handed on
   * @param exhausted runs when the limit is reached
   */
  Pipe(NetSocket from, NetSocket to, LongConsumer moved, Runnable exhausted) {
    this.from = from;
    this.to = to;
    this.moved = moved;
    this.exhausted = exhausted;
  }

  /** Begins to move bytes, and hands on the end of them when all before it has been. */
  void start() {
    to.setWriteQueueMaxSize(MAX_QUEUED_BYTES);
    to.drainHandler(drained -> full(false));
    from.handler(this::move);
    from.endHandler(ended -> to.end());
    flow();
  }

  /** Stops moving bytes, or goes on. */
  void stall(boolean on) {
    stalled = on;
    flow();
  }

  /** Moves this many more bytes at most. */
  void limit(long bytes) {
    left = bytes;
    if (left == 0) {
      exhausted.run();
    }
  }

  void unlimited() {
    left = UNLIMITED;
  }

  private void move(Buffer bytes) {
    var allowed = (int) Math.min(bytes.length(), left);
    if (allowed > 0) {
      // Counted first: whoever has received a byte finds it counted.
      moved.accept(allowed);
      to.write(allowed < bytes.length() ? bytes.slice(0, allowed) : bytes);
    }
    if (left != UNLIMITED) {
      left -= allowed;
      if (left == 0) {
        exhausted.run();
        return;
      }
    }
    full(to.writeQueueFull());
  }

  private void full(boolean now) {
    full = now;
    flow();
  }

  private void flow() {
    if (stalled || full) {
      from.pause();
    } else {
      from.resume();
    }
  }
}
