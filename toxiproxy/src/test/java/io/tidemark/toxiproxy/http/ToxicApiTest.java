package io.tidemark.toxiproxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Toxics over HTTP: bodies and status codes as those of Toxiproxy 2.12. */
class ToxicApiTest extends ApiFixture {
  @BeforeEach
  void makeProxy() {
    createProxy("p");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "latency | {\"latency\":0,\"jitter\":0}",
        "bandwidth | {\"rate\":0}",
        "slow_close | {\"delay\":0}",
        "timeout | {\"timeout\":0}",
        "reset_peer | {\"timeout\":0}",
        "slicer | {\"average_size\":0,\"size_variation\":0,\"delay\":0}",
        "limit_data | {\"bytes\":0}",
        "noop | {}",
      })
  void eachKindIsMadeWithAllItsAttributes(String type, String attributes) {
    var reply = add("{\"type\":\"" + type + "\"}");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.header("Content-Type")).hasValue("application/json");
    assertThat(reply.body())
        .isEqualTo(
            "{\"attributes\":%s,\"name\":\"%s_downstream\",\"type\":\"%s\",\"stream\":\"downstream\",\"toxicity\":1}"
                .formatted(attributes, type, type));
    assertThat(ask("GET", "/proxies/p/toxics/" + type + "_downstream").body())
        .isEqualTo(reply.body());
  }

  @Test
  void whatIsGivenIsTaken() {
    assertThat(
            add("""
                    {"name":"n","type":"slicer","stream":"UPSTREAM","toxicity":0.2,
                     "attributes":{"average_size":10,"Delay":7,"other":"x"}}
                    """)
                .body())
        .isEqualTo(
            """
            {"attributes":{"average_size":10,"size_variation":0,"delay":7},\
            "name":"n","type":"slicer","stream":"upstream","toxicity":0.2}""");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "400 | `` | bad request body: EOF",
        "400 | {\"stream\":\"sideways\",\"type\":\"x\"} | stream was invalid, can be either upstream"
            + " or downstream",
        "400 | {\"stream\":\"\",\"type\":\"latency\"} | stream was invalid, can be either upstream"
            + " or downstream",
        "400 | {\"type\":\"down\"} | invalid toxic type",
        "400 | {} | invalid toxic type",
        "400 | {\"type\":\"x\",\"toxicity\":\"1\"} | bad request body: json: cannot unmarshal string"
            + " into Go struct field ToxicWrapper.toxicity of type float32",
        "400 | {\"type\":\"latency\",\"attributes\":{\"latency\":1.5}} | bad request body: json:"
            + " cannot unmarshal number 1.5 into Go struct field LatencyToxic.attributes.latency of"
            + " type int64",
        "400 | {\"type\":\"latency\",\"attributes\":{\"latency\":1e3}} | bad request body: json:"
            + " cannot unmarshal number 1e3 into Go struct field LatencyToxic.attributes.latency of"
            + " type int64",
        "400 | {\"type\":\"slicer\",\"attributes\":{\"delay\":\"7\"}} | bad request body: json:"
            + " cannot unmarshal string into Go struct field SlicerToxic.attributes.delay of type"
            + " int",
        "400 | {\"type\":\"latency\",\"attributes\":[]} | bad request body: json: cannot unmarshal"
            + " array into Go struct field ToxicWrapper.attributes of type toxics.NoopToxic",
        "409 | {\"type\":\"latency\",\"name\":\"there\",\"attributes\":{\"latency\":\"x\"}} | toxic"
            + " already exists",
      })
  void aBodyThatIsWrongIsRefused(int status, String body, String message) {
    add("{\"type\":\"noop\",\"name\":\"there\"}");

    var reply = add(body);

    assertThat(reply.status()).isEqualTo(status);
    assertThat(reply.body())
        .isEqualTo("{\"error\":\"" + message + "\",\"status\":" + status + "}\n");
    assertThat(server.proxies().find("p").orElseThrow().state().toxics()).hasSize(1);
  }

  @Test
  void aNameIsTakenInBothStreams() {
    add("{\"type\":\"noop\",\"name\":\"n\",\"stream\":\"upstream\"}");

    assertThat(add("{\"type\":\"noop\",\"name\":\"n\"}").status()).isEqualTo(409);
  }

  @Test
  void nullIsAsNotGiven() {
    assertThat(
            add("{\"type\":\"noop\",\"name\":null,\"stream\":null,\"toxicity\":null,\"attributes\":null}")
                .body())
        .isEqualTo(
            "{\"attributes\":{},\"name\":\"noop_downstream\",\"type\":\"noop\",\"stream\":\"downstream\",\"toxicity\":1}");
  }

  @Test
  void theListShowsUpstreamFirstAndThenTheOrderOfCreation() {
    assertThat(ask("GET", "/proxies/p/toxics").body()).isEqualTo("[]");
    add("{\"type\":\"noop\",\"name\":\"d2\"}");
    add("{\"type\":\"noop\",\"name\":\"u2\",\"stream\":\"upstream\"}");
    add("{\"type\":\"noop\",\"name\":\"d1\"}");
    add("{\"type\":\"noop\",\"name\":\"u1\",\"stream\":\"upstream\"}");

    var list = ask("GET", "/proxies/p/toxics").body();

    assertThat(list.replaceAll("\\{\"attributes\":\\{\\},\"name\":\"(..)\"[^}]*\\}", "$1"))
        .isEqualTo("[u2,u1,d2,d1]");
    assertThat(ask("GET", "/proxies/p").body()).endsWith("\"toxics\":" + list + "}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PATCH"})
  void anUpdateMergesAttributesAndKeepsTheRest(String method) {
    add("{\"type\":\"latency\",\"name\":\"n\",\"attributes\":{\"latency\":100,\"jitter\":10}}");

    var reply =
        ask(
            method,
            "/proxies/p/toxics/n",
            """
            {"name":"m","type":"noop","stream":"upstream","toxicity":0.5,"attributes":{"jitter":-3}}
            """);

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body())
        .isEqualTo(
            """
            {"attributes":{"latency":100,"jitter":-3},\
            "name":"n","type":"latency","stream":"downstream","toxicity":0.5}""");
    assertThat(ask(method, "/proxies/p/toxics/n", "{}").body()).isEqualTo(reply.body());
    assertThat(ask("GET", "/proxies/p/toxics/n").body()).isEqualTo(reply.body());
  }

  @Test
  void anUpdateThatIsWrongChangesNothing() {
    var before = add("{\"type\":\"latency\",\"name\":\"n\"}").body();

    var reply =
        ask("POST", "/proxies/p/toxics/n", "{\"attributes\":{\"latency\":5,\"jitter\":\"x\"}}");

    assertThat(reply.status()).isEqualTo(400);
    assertThat(ask("GET", "/proxies/p/toxics/n").body()).isEqualTo(before);
  }

  @Test
  void aRemovedToxicIsGone() {
    add("{\"type\":\"latency\"}");

    var reply = ask("DELETE", "/proxies/p/toxics/latency_downstream");

    assertThat(reply.status()).isEqualTo(204);
    assertThat(reply.body()).isEmpty();
    assertThat(ask("GET", "/proxies/p/toxics").body()).isEqualTo("[]");
  }

  @Test
  void theProxyIsMissedBeforeTheToxicAndBothBeforeTheBody() {
    for (var method : new String[] {"GET", "POST", "PATCH", "DELETE"}) {
      assertThat(ask(method, "/proxies/x/toxics/y", "nonsense").body())
          .isEqualTo("{\"error\":\"proxy not found\",\"status\":404}\n");
      assertThat(ask(method, "/proxies/p/toxics/y", "nonsense").body())
          .isEqualTo("{\"error\":\"toxic not found\",\"status\":404}\n");
    }
    assertThat(ask("GET", "/proxies/x/toxics").body()).contains("proxy not found");
    assertThat(ask("POST", "/proxies/x/toxics", "nonsense").body()).contains("proxy not found");
  }

  private Reply add(String body) {
    return ask("POST", "/proxies/p/toxics", body);
  }
}
