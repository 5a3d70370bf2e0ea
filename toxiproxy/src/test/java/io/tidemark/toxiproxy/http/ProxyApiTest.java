package io.tidemark.toxiproxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.toxiproxy.Futures;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Proxies over HTTP: bodies and status codes as those of Toxiproxy 2.12. */
class ProxyApiTest extends ApiFixture {
  @Test
  void withoutProxiesTheListIsAnEmptyObject() {
    var reply = ask("GET", "/proxies");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body()).isEqualTo("{}");
    assertThat(reply.header("Content-Type")).hasValue("application/json");
  }

  @Test
  void aProxyIsCreatedEnabledWithItsRealPort() {
    var reply = createProxy("a");

    assertThat(reply.status()).isEqualTo(201);
    assertThat(reply.header("Content-Type")).hasValue("application/json");
    assertThat(reply.body())
        .isEqualTo(
            """
            {"name":"a","listen":"127.0.0.1:%d","upstream":"127.0.0.1:1","enabled":true,"toxics":[]}"""
                .formatted(port("a")));
    assertThat(port("a")).isPositive();
    assertThat(ask("GET", "/proxies/a").body()).isEqualTo(reply.body());
  }

  @Test
  void theListIsAnObjectWithSortedNames() {
    createProxy("b");
    createProxy("a");

    assertThat(ask("GET", "/proxies").body())
        .isEqualTo(
            "{\"a\":"
                + ask("GET", "/proxies/a").body()
                + ",\"b\":"
                + ask("GET", "/proxies/b").body()
                + "}");
  }

  @Test
  void aNameOfAHostIsShownResolved() throws IOException {
    var reply =
        ask(
            "POST",
            "/proxies",
            "{\"name\":\"a\",\"upstream\":\"localhost:1\",\"listen\":\"localhost:"
                + freePort()
                + "\"}");

    assertThat(reply.body()).contains("\"listen\":\"127.0.0.1:", "\"upstream\":\"localhost:1\"");
  }

  @Test
  void aProxyCreatedDisabledShowsWhatWasGiven() throws IOException {
    var port = freePort();
    var reply =
        ask(
            "POST",
            "/proxies",
            "{\"name\":\"a\",\"upstream\":\"h:1\",\"listen\":\"localhost:%d\",\"enabled\":false}"
                .formatted(port));

    assertThat(reply.status()).isEqualTo(201);
    assertThat(reply.body()).contains("\"listen\":\"localhost:" + port, "\"enabled\":false");
    assertThat(ask("POST", "/proxies/a", "{\"enabled\":true}").body())
        .contains("\"listen\":\"127.0.0.1:" + port, "\"enabled\":true");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",\"listen\":\"\"", ",\"listen\":\":0\"", ",\"listen\":\"[::]:0\""})
  void withoutAnAddressItListensEverywhere(String listen) {
    var reply = ask("POST", "/proxies", "{\"name\":\"a\",\"upstream\":\"h:1\"" + listen + "}");

    assertThat(reply.status()).isEqualTo(201);
    assertThat(reply.body()).containsPattern("\"listen\":\"(\\[::\\]|0\\.0\\.0\\.0):[1-9]");
    assertThat(isUp(port("a"))).isTrue();
  }

  @Test
  void anIpv6AddressIsShownInBrackets() throws IOException {
    var reply =
        ask("POST", "/proxies", "{\"name\":\"a\",\"upstream\":\"h:1\",\"listen\":\"[::1]:0\"}");

    if (reply.status() == 201) {
      assertThat(reply.body()).containsPattern("\"listen\":\"\\[::1\\]:[1-9]");
    } else {
      assertThat(reply.body()).contains("listen tcp [::1]:0: bind: cannot assign");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | bad request body: EOF",
        "{\"name | bad request body: unexpected EOF",
        "nonsense | bad request body: invalid character 'o' in literal null (expecting 'u')",
        "[] | bad request body: json: cannot unmarshal array into Go value of type toxiproxy.Proxy",
        "{\"name\":1,\"upstream\":\"h:1\"} | bad request body: json: cannot unmarshal number into"
            + " Go struct field Proxy.name of type string",
        "{\"name\":\"a\",\"enabled\":\"yes\"} | bad request body: json: cannot unmarshal string into"
            + " Go struct field Proxy.enabled of type bool",
        "{} | missing required field: name",
        "null | missing required field: name",
        "{\"name\":null,\"upstream\":\"h:1\"} | missing required field: name",
        "{\"name\":\"\",\"upstream\":\"h:1\"} | missing required field: name",
        "{\"name\":\"a\"} | missing required field: upstream",
      })
  void aBodyThatIsWrongIsRefused(String body, String message) {
    var reply = ask("POST", "/proxies", body);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.body())
        .isEqualTo("{\"error\":\"" + message.replace("\"", "\\\"") + "\",\"status\":400}\n");
    assertThat(reply.header("Content-Type")).hasValue("text/plain; charset=utf-8");
    assertThat(reply.header("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(ask("GET", "/proxies").body()).isEqualTo("{}");
  }

  @Test
  void keysAreReadInAnyCaseAndUnknownOnesIgnored() {
    var reply =
        ask(
            "POST",
            "/proxies",
            "{\"NAME\":\"a\",\"Upstream\":\"h:1\",\"listen\":\"127.0.0.1:0\",\"toxics\":[1],\"x\":{}}"
                + " what follows is ignored");

    assertThat(reply.status()).isEqualTo(201);
    assertThat(reply.body()).contains("\"name\":\"a\"", "\"toxics\":[]");
  }

  @Test
  void whatLooksLikeHtmlComesBackEscaped() {
    assertThat(createProxy("<a&b>").body()).contains("\"name\":\"\\u003ca\\u0026b\\u003e\"");
  }

  @Test
  void aSecondProxyOfTheSameNameIsAConflictAndLeaksNoPort() throws IOException {
    createProxy("a");
    var port = freePort();

    var reply =
        ask(
            "POST",
            "/proxies",
            "{\"name\":\"a\",\"upstream\":\"h:1\",\"listen\":\"127.0.0.1:" + port + "\"}");

    assertThat(reply.status()).isEqualTo(409);
    assertThat(reply.body()).isEqualTo("{\"error\":\"proxy already exists\",\"status\":409}\n");
    assertThat(isUp(port)).isFalse();
  }

  @Test
  void ofManyCreatesOfOneNameAtOnceOneSucceeds() {
    var replies = new ArrayList<CompletableFuture<Reply>>();
    for (var i = 0; i < 8; i++) {
      replies.add(
          CompletableFuture.supplyAsync(() -> createProxy("a"), Thread::startVirtualThread));
    }

    assertThat(replies.stream().map(CompletableFuture::join).map(Reply::status))
        .containsExactlyInAnyOrder(201, 409, 409, 409, 409, 409, 409, 409);
  }

  @Test
  void aPortThatIsTakenIsAnErrorOfTheServer() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var address = "127.0.0.1:" + taken.getLocalPort();
      var reply =
          ask(
              "POST",
              "/proxies",
              "{\"name\":\"a\",\"upstream\":\"h:1\",\"listen\":\"" + address + "\"}");

      assertThat(reply.status()).isEqualTo(500);
      assertThat(reply.body())
          .isEqualTo(
              "{\"error\":\"listen tcp %s: bind: address already in use\",\"status\":500}\n"
                  .formatted(address));
      assertThat(ask("GET", "/proxies/a").status()).isEqualTo(404);
    }
  }

  @Test
  void thePortOfTheApiItselfIsTakenToo() {
    var reply =
        ask(
            "POST",
            "/proxies",
            "{\"name\":\"a\",\"upstream\":\"h:1\",\"listen\":\"127.0.0.1:" + server.port() + "\"}");

    assertThat(reply.status()).isEqualTo(500);
    assertThat(reply.body()).contains("bind: address already in use");
    assertThat(ask("GET", "/proxies").body()).isEqualTo("{}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "local373 | listen tcp: address local373: missing port in address",
        "localhost:99999 | listen tcp: address 99999: invalid port",
        "localhost:-1 | listen tcp: address -1: invalid port",
        "localhost:http-ish | listen tcp: lookup tcp/http-ish: unknown port",
        "1:2:3 | listen tcp: address 1:2:3: too many colons in address",
        "[::1 | listen tcp: address [::1: missing ']' in address",
        "256.0.0.1:0 | listen tcp: lookup 256.0.0.1: no such host",
        "192.0.2.1:0 | listen tcp 192.0.2.1:0: bind: cannot assign requested address",
      })
  void anAddressThatMakesNoSenseIsAnErrorOfTheServer(String listen, String message) {
    var reply =
        ask(
            "POST",
            "/proxies",
            "{\"name\":\"a\",\"upstream\":\"h:1\",\"listen\":\"" + listen + "\"}");

    assertThat(reply.status()).isEqualTo(500);
    assertThat(reply.body()).isEqualTo("{\"error\":\"" + message + "\",\"status\":500}\n");
  }

  @Test
  void whatThereIsNotIsNotFound() {
    for (var method : new String[] {"GET", "POST", "PATCH", "DELETE"}) {
      var reply = ask(method, "/proxies/a", "{}");
      assertThat(reply.status()).isEqualTo(404);
      assertThat(reply.body()).isEqualTo("{\"error\":\"proxy not found\",\"status\":404}\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PATCH"})
  void anUpdateShowsTheNewState(String method) {
    createProxy("a");
    var port = port("a");

    assertThat(ask(method, "/proxies/a", "{\"enabled\":false}").body())
        .isEqualTo(
            """
            {"name":"a","listen":"127.0.0.1:%d","upstream":"127.0.0.1:1","enabled":false,"toxics":[]}"""
                .formatted(port));
    assertThat(isUp(port)).isFalse();

    var reply = ask(method, "/proxies/a", "{\"name\":\"b\",\"upstream\":\"h:2\",\"enabled\":true}");
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body())
        .isEqualTo(
            """
            {"name":"a","listen":"127.0.0.1:%d","upstream":"h:2","enabled":true,"toxics":[]}"""
                .formatted(port));
    assertThat(isUp(port)).isTrue();
  }

  @Test
  void anEmptyUpdateChangesNothing() {
    var before = createProxy("a").body();

    assertThat(ask("POST", "/proxies/a", "{}").body()).isEqualTo(before);
    assertThat(ask("POST", "/proxies/a", "{\"listen\":null}").body()).isEqualTo(before);
    assertThat(ask("POST", "/proxies/a", "").status()).isEqualTo(400);
  }

  @Test
  void anUpdateMaySetAnEmptyUpstream() {
    createProxy("a");

    assertThat(ask("POST", "/proxies/a", "{\"upstream\":\"\"}").body())
        .contains("\"upstream\":\"\",\"enabled\":true");
  }

  @Test
  void anUpdateToAnAddressThatMakesNoSenseChangesNothing() {
    var before = createProxy("a").body();

    var reply = ask("POST", "/proxies/a", "{\"listen\":\"bad\"}");

    assertThat(reply.status()).isEqualTo(500);
    assertThat(reply.body())
        .isEqualTo("{\"error\":\"address bad: missing port in address\",\"status\":500}\n");
    assertThat(ask("GET", "/proxies/a").body()).isEqualTo(before);
  }

  @Test
  void aDeletedProxyIsGoneWithItsPort() {
    createProxy("a");
    var port = port("a");

    var reply = ask("DELETE", "/proxies/a");

    assertThat(reply.status()).isEqualTo(204);
    assertThat(reply.body()).isEmpty();
    assertThat(isUp(port)).isFalse();
    assertThat(ask("GET", "/proxies/a").status()).isEqualTo(404);
  }

  @Test
  void aNameIsDecodedOnce() {
    createProxy("a b%");

    assertThat(ask("GET", "/proxies/a%20b%25").status()).isEqualTo(200);
    createProxy("c/d");
    assertThat(ask("GET", "/proxies/c%2Fd").body()).isEqualTo("404 page not found\n");
  }

  @Test
  void resetEnablesAndHealsAllProxies() {
    createProxy("a");
    createProxy("b");
    ask("POST", "/proxies/a/toxics", "{\"type\":\"latency\"}");
    ask("POST", "/proxies/b/toxics", "{\"type\":\"latency\",\"stream\":\"upstream\"}");
    ask("POST", "/proxies/a", "{\"enabled\":false}");
    var port = port("a");

    var reply = ask("POST", "/reset");

    assertThat(reply.status()).isEqualTo(204);
    assertThat(reply.body()).isEmpty();
    assertThat(ask("GET", "/proxies").body())
        .doesNotContain("latency", "\"enabled\":false")
        .contains("127.0.0.1:" + port);
  }

  @Test
  void aResetThatCannotListenSaysSo() throws IOException {
    createProxy("a");
    ask("POST", "/proxies/a", "{\"enabled\":false}");
    try (var taken = new ServerSocket(port("a"), 1, InetAddress.getLoopbackAddress())) {
      var reply = ask("POST", "/reset");

      assertThat(taken.isBound()).isTrue();
      assertThat(reply.status()).isEqualTo(500);
      assertThat(reply.body()).contains("address already in use");
    }
  }

  int port(String proxy) {
    return server.proxies().find(proxy).orElseThrow().port();
  }

  static boolean isUp(int port) {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout((int) Futures.PATIENCE.toMillis());
      return true;
    } catch (IOException refused) {
      return false;
    }
  }
}
