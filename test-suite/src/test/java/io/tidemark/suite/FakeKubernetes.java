package io.tidemark.suite;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tidemark.common.bus.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * As much of the Kubernetes API as discovery asks for: the endpoints of one service. All else is
 * not found, and nothing is answered without the token.
 */
final class FakeKubernetes implements AutoCloseable {
  static final String TOKEN = "secret";

  private final HttpServer server;
  private final String path;
  private final byte[] endpoints;
  private final ConcurrentLinkedQueue<String> refused = new ConcurrentLinkedQueue<>();

  /**
   * Listens on a port of its own.
   *
   * @param addresses of the service's pods
   */
  FakeKubernetes(String namespace, String service, List<String> addresses, int port)
      throws IOException {
    path = "/api/v1/namespaces/" + namespace + "/endpoints/" + service;
    endpoints =
        Json.MAPPER.writeValueAsBytes(
            Map.of(
                "kind",
                "Endpoints",
                "apiVersion",
                "v1",
                "metadata",
                Map.of("name", service, "namespace", namespace),
                "subsets",
                List.of(
                    Map.of(
                        "addresses",
                        addresses.stream().map(address -> Map.of("ip", address)).toList(),
                        "ports",
                        List.of(Map.of("port", port, "protocol", "TCP"))))));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Paths that were asked for without the token. */
  List<String> refused() {
    return List.copyOf(refused);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var asked = exchange.getRequestURI().getPath();
      if (!("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        refused.add(asked);
        send(exchange, 401, status(401));
      } else if (asked.equals(path)) {
        send(exchange, 200, endpoints);
      } else {
        send(exchange, 404, status(404));
      }
    }
  }

  private static byte[] status(int code) {
    return "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":%d}"
        .formatted(code)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
