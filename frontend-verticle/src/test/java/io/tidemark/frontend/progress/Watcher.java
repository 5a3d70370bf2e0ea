package io.tidemark.frontend.progress;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.common.bus.Json;
import io.tidemark.frontend.Frontend;
import java.net.http.WebSocket;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A WebSocket client that collects frames. */
final class Watcher implements WebSocket.Listener {
  private static final int LIMIT_SECONDS = 20;

  private final boolean slow;
  private final LinkedBlockingQueue<String> frames = new LinkedBlockingQueue<>();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final StringBuilder text = new StringBuilder();
  private WebSocket socket;

  private Watcher(boolean slow) {
    this.slow = slow;
  }

  static Watcher of(Frontend frontend, String path) throws Exception {
    return open(frontend, path, new Watcher(false));
  }

  /** One that takes a frame from the network when it is asked for it, and not before. */
  static Watcher slow(Frontend frontend, String path) throws Exception {
    return open(frontend, path, new Watcher(true));
  }

  private static Watcher open(Frontend frontend, String path, Watcher watcher) throws Exception {
    watcher.socket =
        frontend
            .client()
            .newWebSocketBuilder()
            .buildAsync(frontend.uri("ws", path), watcher)
            .get(LIMIT_SECONDS, TimeUnit.SECONDS);
    return watcher;
  }

  JsonNode frame() throws Exception {
    if (slow) {
      socket.request(1);
    }
    return Json.MAPPER.readTree(
        Objects.requireNonNull(frames.poll(LIMIT_SECONDS, TimeUnit.SECONDS), "no frame came"));
  }

  int closeCode() throws Exception {
    return closed.get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  void close() throws Exception {
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void onOpen(WebSocket opened) {
    if (!slow) {
      opened.request(Long.MAX_VALUE);
    }
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    text.append(data);
    if (last) {
      frames.add(text.toString());
      text.setLength(0);
    } else if (slow) {
      from.request(1);
    }
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    closed.complete(code);
    return null;
  }
}
