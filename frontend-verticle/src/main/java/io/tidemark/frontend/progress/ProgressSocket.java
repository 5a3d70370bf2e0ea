package io.tidemark.frontend.progress;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.common.refresh.RefreshView;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One client that watches. It hears from the moment it asked, and is told from the moment its
 * handshake is done; what its queue has no room for waits in {@link ProgressFrames}.
 */
final class ProgressSocket {
  private static final int WRITE_QUEUE_BYTES = 64 * 1024;
  private static final short NORMAL_CLOSURE = 1000;
  private static final short GOING_AWAY = 1001;

  private final OptionalLong refreshId;
  private final ProgressFrames frames = new ProgressFrames();
  private @Nullable ServerWebSocket socket;
  private boolean finished;

  /**
   * @param refreshId the one refresh that it watches; empty: all
   */
  ProgressSocket(OptionalLong refreshId) {
    this.refreshId = refreshId;
  }

  /** The refreshes that it must hear the end of. */
  Set<Long> open() {
    return refreshId.isPresent() ? Set.of(refreshId.getAsLong()) : frames.open();
  }

  void hear(RefreshView view) {
    if (refreshId.isEmpty() || refreshId.getAsLong() == view.id()) {
      frames.hear(view);
      flush();
    }
  }

  /**
   * Tells the snapshot, then what was heard since it was asked for.
   *
   * @param views the refresh that it watches, or all that are active
   */
  void begin(ServerWebSocket accepted, List<RefreshView> views) {
    socket = accepted;
    accepted.setWriteQueueMaxSize(WRITE_QUEUE_BYTES);
    accepted.drainHandler(drained -> flush());
    write(accepted, refreshId.isPresent() ? frames.begin(views.getFirst()) : frames.begin(views));
    flush();
  }

  /** Keeps the connection alive, where it is not busy anyway. */
  void ping() {
    if (socket != null && !socket.isClosed() && !socket.writeQueueFull()) {
      socket.writePing(Buffer.buffer());
    }
  }

  /** The server stops. */
  void goAway() {
    if (socket != null && !socket.isClosed()) {
      socket.close(GOING_AWAY);
    }
  }

  private void flush() {
    var to = socket;
    while (to != null && !finished && !to.isClosed() && !to.writeQueueFull()) {
      var frame = frames.next();
      if (frame.isEmpty()) {
        return;
      }
      write(to, frame.get());
      if (refreshId.isPresent() && frame.get().get("type").asText().equals("end")) {
        finished = true;
        to.close(NORMAL_CLOSURE);
      }
    }
  }

  private static void write(ServerWebSocket to, ObjectNode frame) {
    to.writeTextMessage(frame.toString());
  }
}
