package io.tidemark.toxiproxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code /populate}. */
class PopulateApiTest extends ApiFixture {
  @Test
  void proxiesAreMadeInTheOrderOfTheRequest() {
    var reply =
        populate(
            """
            [{"name":"b","listen":"127.0.0.1:0","upstream":"h:1"},
             {"name":"a","listen":"127.0.0.1:0","upstream":"h:2","enabled":false}]
            """);

    assertThat(reply.status()).isEqualTo(201);
    assertThat(reply.header("Content-Type")).hasValue("application/json");
    assertThat(reply.body())
        .isEqualTo("{\"proxies\":[" + show("b") + "," + show("a") + "]}")
        .contains("\"enabled\":true", "\"enabled\":false");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "null"})
  void nothingToMakeIsFine(String body) {
    var reply = populate(body);

    assertThat(reply.status()).isEqualTo(201);
    assertThat(reply.body()).isEqualTo("{\"proxies\":null}");
  }

  @Test
  void aProxyThatIsThereAsItShouldBeIsLeftUntouched() throws IOException {
    var request =
        "[{\"name\":\"a\",\"listen\":\"localhost:%d\",\"upstream\":\"h:1\",\"enabled\":false}]"
            .formatted(freePort());
    populate(request.replace(",\"enabled\":false", ""));
    ask("POST", "/proxies/a/toxics", "{\"type\":\"latency\"}");
    var before = show("a");

    var reply = populate(request);

    assertThat(reply.body()).isEqualTo("{\"proxies\":[" + before + "]}");
    assertThat(before).contains("latency", "\"enabled\":true");
  }

  @Test
  void aProxyThatDiffersIsReplacedAndLosesItsToxics() {
    createProxy("a");
    createProxy("other");
    ask("POST", "/proxies/a/toxics", "{\"type\":\"latency\"}");
    var listen = server.proxies().find("a").orElseThrow().state().listen();

    populate("[{\"name\":\"a\",\"listen\":\"%s\",\"upstream\":\"h:9\"}]".formatted(listen));

    assertThat(show("a")).contains("\"upstream\":\"h:9\"", listen, "\"toxics\":[]");
    assertThat(ask("GET", "/proxies/other").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[{\"name\":\"a\",\"upstream\":\"h:1\",\"listen\":\"127.0.0.1:0\"},{}]"
            + " | missing required field: name at proxy 2",
        "[{\"name\":\"a\"}] | missing required field: upstream at proxy 1",
        "`` | bad request body: EOF",
        "[{ | bad request body: unexpected EOF",
        "[{\"name\":true}] | bad request body: json: cannot unmarshal bool into Go struct field"
            + " .name of type string",
      })
  void nothingIsMadeWhereAnythingIsMissing(String body, String message) {
    var reply = populate(body);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.header("Content-Type")).hasValue("application/json");
    assertThat(reply.body())
        .isEqualTo("{\"error\":\"" + message + "\",\"status\":400,\"proxies\":null}");
    assertThat(ask("GET", "/proxies").body()).isEqualTo("{}");
  }

  @Test
  void theFirstThatCannotListenEndsItAndThoseBeforeStay() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var address = "127.0.0.1:" + taken.getLocalPort();
      var reply =
          populate(
              """
              [{"name":"a","listen":"127.0.0.1:0","upstream":"h:1"},
               {"name":"b","listen":"%s","upstream":"h:1"},
               {"name":"c","listen":"127.0.0.1:0","upstream":"h:1"}]
              """
                  .formatted(address));

      assertThat(reply.status()).isEqualTo(500);
      assertThat(reply.body())
          .isEqualTo(
              "{\"error\":\"listen tcp "
                  + address
                  + ": bind: address already in use\",\"status\":500,\"proxies\":["
                  + show("a")
                  + "]}");
      assertThat(ask("GET", "/proxies").body()).isEqualTo("{\"a\":" + show("a") + "}");
    }
  }

  private Reply populate(String body) {
    return ask("POST", "/populate", body);
  }

  private String show(String proxy) {
    return ask("GET", "/proxies/" + proxy).body();
  }
}
