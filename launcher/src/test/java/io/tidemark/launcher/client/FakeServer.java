package io.tidemark.launcher.client;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** A server of canned answers, with real sockets. */
final class FakeServer implements AutoCloseable {
  private static final long LIMIT_SECONDS = 20;

  private record Reply(int status, String body) {}

  private final Vertx vertx = Vertx.vertx();
  private final Map<String, Queue<Reply>> replies = new ConcurrentHashMap<>();
  private final Queue<Consumer<ServerWebSocket>> sockets = new ConcurrentLinkedQueue<>();
  private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
  private HttpServer http = listen(0);
  private final int port = http.actualPort();

  private HttpServer listen(int at) {
    return await(
        vertx
            .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(at))
            .webSocketHandler(this::accept)
            .requestHandler(this::answer)
            .listen());
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.await(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Answers a request, such as {@code GET /tables}; of several answers the last one stays. */
  FakeServer on(String request, int status, String body) {
    replies
        .computeIfAbsent(request, key -> new ConcurrentLinkedQueue<>())
        .add(new Reply(status, body));
    return this;
  }

  /** What the next socket gets; one without is closed at once. */
  FakeServer onSocket(Consumer<ServerWebSocket> script) {
    sockets.add(script);
    return this;
  }

  /** Sends frames and closes. */
  FakeServer onSocket(String... frames) {
    return onSocket(
        socket -> {
          List.of(frames).forEach(socket::writeTextMessage);
          socket.close();
        });
  }

  /** The next request, with its body after a space where it has one. */
  String request() throws InterruptedException {
    return requests.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  List<String> requests() {
    return List.copyOf(requests);
  }

  void stop() {
    await(http.close());
  }

  void start() {
    http = listen(port);
  }

  @Override
  public void close() {
    await(vertx.close());
  }

  private void accept(ServerWebSocket socket) {
    requests.add("SOCKET " + socket.path().replace("/api/v1", ""));
    var script = sockets.poll();
    if (script == null) {
      socket.close();
    } else {
      script.accept(socket);
    }
  }

  private void answer(HttpServerRequest request) {
    var name = request.method() + " " + request.uri().replace("/api/v1", "");
    request
        .body()
        .onSuccess(
            body -> {
              requests.add(body.length() == 0 ? name : name + " " + body);
              var queue = replies.getOrDefault(name, new ConcurrentLinkedQueue<>());
              var reply = queue.size() > 1 ? queue.poll() : queue.peek();
              if (reply == null) {
                reply = new Reply(404, Problems.NOT_FOUND);
              }
              request.response().setStatusCode(reply.status()).end(reply.body());
            });
  }
}
