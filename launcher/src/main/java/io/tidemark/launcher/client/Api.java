package io.tidemark.launcher.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.common.bus.Json;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.PercentEncoding;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * The HTTP API of a server. Every call blocks until its answer is there, and throws what went wrong
 * as a {@link TidemarkException}: the server's problem, or that there is no server.
 */
final class Api implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /** A definition is checked against its source before the answer comes. */
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);

  private static final int OK_BELOW = 300;

  private final URI server;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_TIMEOUT)
          .build();

  Api(URI server) {
    this.server = server;
  }

  /** A successful answer. */
  record Answer(int status, JsonNode body) {}

  /** Percent-encoded, so that it is one segment of a path or one value of a query. */
  static String encoded(String text) {
    return PercentEncoding.encode(text);
  }

  Answer read(String path) {
    return call(request(path).GET().build());
  }

  Answer post(String path) {
    return call(request(path).POST(BodyPublishers.noBody()).build());
  }

  Answer put(String path, String json) {
    return call(
        request(path)
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString(json))
            .build());
  }

  /** A body of one JSON document a line, as it comes; the caller closes it. */
  InputStream stream(String path) {
    var answer =
        send(
            request(path).setHeader("Accept", "application/x-ndjson").GET().build(),
            BodyHandlers.ofInputStream());
    if (answer.statusCode() < OK_BELOW) {
      return answer.body();
    }
    try (var body = answer.body()) {
      throw problem(answer.statusCode(), new String(body.readAllBytes(), UTF_8));
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  CompletableFuture<WebSocket> socket(String path, WebSocket.Listener listener) {
    var address = address(path).toString().replaceFirst("^http", "ws");
    return http.newWebSocketBuilder()
        .connectTimeout(CONNECT_TIMEOUT)
        .buildAsync(URI.create(address), listener);
  }

  @Override
  public void close() {
    http.shutdownNow();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(address(path))
        .timeout(ANSWER_TIMEOUT)
        .header("Accept", "application/json");
  }

  private URI address(String path) {
    return URI.create(server + "/api/v1" + path);
  }

  private Answer call(HttpRequest request) {
    var answer = send(request, BodyHandlers.ofString(UTF_8));
    if (answer.statusCode() >= OK_BELOW) {
      throw problem(answer.statusCode(), answer.body());
    }
    try {
      return new Answer(answer.statusCode(), Json.MAPPER.readTree(answer.body()));
    } catch (JsonProcessingException e) {
      throw stranger(answer.statusCode());
    }
  }

  private <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> body) {
    try {
      return http.send(request, body);
    } catch (IOException e) {
      throw unreachable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unreachable(e);
    }
  }

  private TidemarkException problem(int status, String body) {
    return ProblemJson.read(body)
        .map(problem -> new TidemarkException(problem.report()))
        .orElseGet(() -> stranger(status));
  }

  private TidemarkException unreachable(Exception cause) {
    var report =
        switch (cause) {
          case ConnectException refused -> noServer();
          case HttpConnectTimeoutException slow -> noServer();
          case HttpTimeoutException slow ->
              ErrorReport.of(
                      ErrorCode.NO_LEADER,
                      "the server at %s gave no answer within %d s"
                          .formatted(server, ANSWER_TIMEOUT.toSeconds()))
                  .withHint("Look at its log, then try again.");
          default ->
              ErrorReport.of(ErrorCode.NO_LEADER, "the connection to " + server + " broke off")
                  .withHint("Look with `tidemark status` whether it was done, then try again.");
        };
    return new TidemarkException(report, cause);
  }

  private ErrorReport noServer() {
    return ErrorReport.of(ErrorCode.NO_LEADER, "no server answers at " + server)
        .withHint("Start one with `tidemark server -f FILE`, or name another with --server URL.");
  }

  private TidemarkException stranger(int status) {
    return new TidemarkException(
        ErrorReport.of(
                ErrorCode.PROTOCOL,
                "%s answers, but not as a Tidemark server (status %d)".formatted(server, status))
            .withHint("Check the URL, and that it runs the same version of Tidemark."));
  }
}
