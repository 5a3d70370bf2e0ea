package io.tidemark.frontend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.common.bus.CommandReply;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a web page in the operator's browser can and cannot do. */
class SameOriginTest {
  private Frontend frontend;

  @BeforeEach
  void start() throws Exception {
    frontend = new Frontend();
    frontend.leader(command -> new CommandReply.Done(1, false));
    frontend.sql("INSERT INTO tidemark.tables (name, definition) VALUES ('t', '{}')");
    frontend.refresh("AWAITING_APPROVAL", "");
  }

  @AfterEach
  void stop() throws Exception {
    frontend.stop();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://evil.example",
        "null",
        "http://127.0.0.1:1",
        "://",
        "http://localhost:%d"
      })
  void aPageOfAnotherOriginCannotApprove(String origin) throws Exception {
    var refused =
        frontend.send(
            "POST", "/api/v1/refreshes/1/approve", "", "Origin", origin.formatted(frontend.port()));

    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.json().get("code").asText()).isEqualTo("ORIGIN_REFUSED");
    assertThat(refused.header("content-type")).contains("application/problem+json");
    assertThat(frontend.commands).isEmpty();
  }

  @Test
  void nobodyElseAndNoOwnPageIsHindered() throws Exception {
    var own = "http://127.0.0.1:" + frontend.port();

    assertThat(frontend.post("/api/v1/refreshes/1/approve").status()).isEqualTo(200);
    assertThat(frontend.send("POST", "/api/v1/refreshes/1/approve", "", "Origin", own).status())
        .isEqualTo(200);
    assertThat(frontend.get("/api/v1/tables", "Origin", "https://evil.example").status())
        .isEqualTo(200);
    socket(own).abort();
  }

  @Test
  void aPageOfAnotherOriginGetsNoWebSocket() {
    assertThatThrownBy(() -> socket("https://evil.example"))
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            WebSocketHandshakeException.class,
            refused -> assertThat(refused.getResponse().statusCode()).isEqualTo(403));
  }

  @ParameterizedTest
  @CsvSource({
    "evil.example, 403",
    "127.0.0.1.evil.example, 403",
    "localhost, 200",
    "127.0.0.1, 200",
    "LOCALHOST:7070, 200",
    "[::1]:7070, 200"
  })
  void aServerOfThisMachineAnswersToItsNamesOnly(String host, int status) throws Exception {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), frontend.port())) {
      socket.setSoTimeout(20_000);
      socket
          .getOutputStream()
          .write(
              "GET /api/v1/tables HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
                  .formatted(host)
                  .getBytes(UTF_8));

      var answer = new String(socket.getInputStream().readAllBytes(), UTF_8);

      assertThat(answer).startsWith("HTTP/1.1 " + status);
    }
  }

  private WebSocket socket(String origin) {
    return frontend
        .client()
        .newWebSocketBuilder()
        .header("Origin", origin)
        .buildAsync(frontend.uri("ws", "/api/v1/progress"), new WebSocket.Listener() {})
        .orTimeout(20, TimeUnit.SECONDS)
        .join();
  }
}
