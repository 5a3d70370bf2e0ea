package io.tidemark.toxiproxy.http;

import static io.tidemark.toxiproxy.Futures.await;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.toxiproxy.Futures;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A server of its own for each test, and plain HTTP to it. */
abstract class ApiFixture {
  private static Vertx vertx;
  private static HttpClient http;

  ToxiproxyServer server;

  /** What came back. */
  record Reply(HttpResponse<String> response) {
    int status() {
      return response.statusCode();
    }

    String body() {
      return response.body();
    }

    Optional<String> header(String name) {
      return response.headers().firstValue(name);
    }
  }

  @BeforeAll
  static void startVertx() {
    vertx = Vertx.vertx();
    http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  @AfterAll
  static void stopVertx() {
    http.close();
    await(vertx.close());
  }

  static Vertx vertx() {
    return vertx;
  }

  ServerSettings settings() {
    return ServerSettings.at("127.0.0.1", 0);
  }

  @BeforeEach
  void startServer() {
    server = await(ToxiproxyServer.start(vertx, settings()));
  }

  @AfterEach
  void stopServer() {
    await(server.close());
  }

  Reply ask(String method, String path) {
    return ask(method, path, "");
  }

  Reply ask(String method, String path, String body) {
    return ask(method, path, body, "a test");
  }

  Reply ask(String method, String path, String body, String userAgent) {
    try {
      var request =
          HttpRequest.newBuilder(URI.create(server.url() + path))
              .method(
                  method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
              .header("User-Agent", userAgent)
              .timeout(Futures.PATIENCE)
              .build();
      return new Reply(http.send(request, BodyHandlers.ofString()));
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Makes a proxy on a free port. */
  Reply createProxy(String name) {
    return ask(
        "POST",
        "/proxies",
        """
        {"name": "%s", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:1"}
        """
            .formatted(name));
  }

  /** Says these lines, and returns what comes back until the server closes. */
  String raw(String request) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout((int) Futures.PATIENCE.toMillis());
      socket.getOutputStream().write(request.replace("\n", "\r\n").getBytes(UTF_8));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  /** A port that nothing listens on now, and that was just free. */
  static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
