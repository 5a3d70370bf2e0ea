package io.tidemark.launcher.client;

import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Hands what a WebSocket receives to a thread that waits for it. The socket is asked for the next
 * message only when the last is taken, so that at most one waits.
 */
final class ProgressSocket implements WebSocket.Listener {
  private static final int MESSAGE_CHARS_MAX = 16 * 1024 * 1024;

  /** What is received. */
  sealed interface Received {
    /** A message. */
    record Frame(String text) implements Received {}

    /** The other side lives. */
    record Ping() implements Received {}

    /** There will be nothing more. */
    record Closed() implements Received {}
  }

  private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();
  private final StringBuilder parts = new StringBuilder();

  /** The next message; null where nothing came in time. */
  @Nullable Received next(Duration patience) throws InterruptedException {
    return received.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void onOpen(WebSocket socket) {
    socket.request(1);
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
    parts.append(data);
    if (parts.length() > MESSAGE_CHARS_MAX) {
      received.add(new Received.Closed());
      socket.abort();
    } else if (last) {
      received.add(new Received.Frame(parts.toString()));
      parts.setLength(0);
    } else {
      socket.request(1);
    }
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onPing(WebSocket socket, java.nio.ByteBuffer message) {
    received.add(new Received.Ping());
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
    received.add(new Received.Closed());
    return null;
  }

  @Override
  public void onError(WebSocket socket, Throwable error) {
    received.add(new Received.Closed());
  }
}
