package io.tidemark.toxiproxy.http;

import static io.tidemark.toxiproxy.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP itself: routes, headers, and requests as odd clients send them. */
class HttpApiTest extends ApiFixture {
  @Test
  void theVersionIsTheOneThatItIsCompatibleWith() {
    var reply = ask("GET", "/version");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body()).isEqualTo("{\"version\": \"2.12.0\"}\n");
    assertThat(reply.header("Content-Type")).hasValue("application/json;charset=utf-8");
  }

  @Test
  void anEmptyHostIsAllInterfaces() {
    var everywhere = await(ToxiproxyServer.start(vertx(), "", 0));

    assertThat(ProxyApiTest.isUp(everywhere.port())).isTrue();
    assertThat(everywhere.url()).isEqualTo("http://localhost:" + everywhere.port());
    await(everywhere.close());
  }

  @Test
  void everyRouteAnswersWithAnIdOfItsOwn() {
    var first = ask("GET", "/version").header("X-Toxiproxy-Request-Id");
    var second = ask("GET", "/proxies/x").header("X-Toxiproxy-Request-Id");

    assertThat(first.orElseThrow()).matches("[0-9a-v]{20}").isNotEqualTo(second.orElseThrow());
    assertThat(ask("GET", "/nowhere").header("X-Toxiproxy-Request-Id")).isEmpty();
    assertThat(ask("PUT", "/version").header("X-Toxiproxy-Request-Id")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/nowhere", "/proxies/", "/proxies/a/b", "/metrics", "/version/"})
  void otherPathsAreNotFound(String path) {
    var reply = ask("GET", path);

    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.body()).isEqualTo("404 page not found\n");
    assertThat(reply.header("Content-Type")).hasValue("text/plain; charset=utf-8");
    assertThat(reply.header("X-Content-Type-Options")).hasValue("nosniff");
  }

  @ParameterizedTest
  @CsvSource({
    "PUT,/proxies",
    "DELETE,/proxies",
    "GET,/reset",
    "GET,/populate",
    "PUT,/proxies/a",
    "PUT,/proxies/a/toxics/b",
    "HEAD,/version",
    "OPTIONS,/version",
    "POST,/version"
  })
  void otherMethodsAreNotAllowed(String method, String path) {
    var reply = ask(method, path);

    assertThat(reply.status()).isEqualTo(405);
    assertThat(reply.body()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "//proxies,/proxies",
    "/proxies/../version,/version",
    "/./version?a=b,/version?a=b",
    "/proxies//x,/proxies/x"
  })
  void aPathThatIsNotCleanIsMoved(String path, String clean) throws IOException {
    var reply = raw("GET " + path + " HTTP/1.1\nHost: x\nConnection: close\n\n");

    assertThat(reply).startsWith("HTTP/1.1 301 ");
    assertThat(reply.lines()).anyMatch(line -> line.equalsIgnoreCase("location: " + clean));
  }

  @Test
  void browsersAreKeptOutOfRoutesOnly() {
    var reply = ask("GET", "/proxies", "", "Mozilla/5.0 (X11)");

    assertThat(reply.status()).isEqualTo(403);
    assertThat(reply.body()).isEqualTo("User agent not allowed\n");
    assertThat(reply.header("X-Toxiproxy-Request-Id")).isPresent();
    assertThat(ask("GET", "/nowhere", "", "Mozilla/5.0 (X11)").status()).isEqualTo(404);
    assertThat(ask("GET", "/proxies", "", "Wget Mozilla/5.0").status()).isEqualTo(200);
  }

  @Test
  void aPostWithoutBodyLengthOrEncodingHasAnEmptyBody() throws IOException {
    assertThat(raw("POST /reset HTTP/1.1\nHost: x\nConnection: close\n\n"))
        .startsWith("HTTP/1.1 204 ")
        .doesNotContainIgnoringCase("content-length")
        .doesNotContainIgnoringCase("transfer-encoding");
  }

  @Test
  void chunkedBodiesAreReadAndTheTypeIsNotLookedAt() throws IOException {
    var body = "{\"name\":\"a\",\"upstream\":\"h:1\",\"listen\":\"127.0.0.1:0\"}";
    var reply =
        raw(
            "POST /proxies HTTP/1.1\nHost: x\nConnection: close\nTransfer-Encoding: chunked\n"
                + "Content-Type: application/x-www-form-urlencoded\n\n"
                + "5\n"
                + body.substring(0, 5)
                + "\n"
                + Integer.toHexString(body.length() - 5)
                + "\n"
                + body.substring(5)
                + "\n0\n\n");

    assertThat(reply).startsWith("HTTP/1.1 201 ").containsIgnoringCase("content-length: ");
  }

  @Test
  void aClientThatWaitsForContinueIsToldToGoOn() throws IOException {
    var reply =
        raw(
            "POST /populate HTTP/1.1\nHost: x\nConnection: close\nContent-Length: 2\n"
                + "Expect: 100-continue\n\n[]");

    assertThat(reply).startsWith("HTTP/1.1 100 ").contains("HTTP/1.1 201 ");
  }

  @Test
  void severalRequestsGoOverOneConnection() throws IOException {
    var reply =
        raw(
            "GET /version HTTP/1.1\nHost: x\n\n".repeat(3)
                + "GET /version HTTP/1.1\nHost: x\nConnection: close\n\n");

    assertThat(reply.split("HTTP/1.1 200 ", -1)).hasSize(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/proxies/a b", "/proxies/%zz", "/proxies/%a"})
  void aPathThatCannotBeReadIsABadRequest(String path) throws IOException {
    assertThat(raw("GET " + path + " HTTP/1.1\nHost: x\nConnection: close\n\n"))
        .matches("(?s)HTTP/1\\.[01] 400 .*");
  }

  @Test
  void aBodyBeyondTheLimitIsRefused() {
    var reply = ask("POST", "/populate", " ".repeat(17 << 20));

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.body()).contains("request body too large");
  }
}
