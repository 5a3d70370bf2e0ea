package io.tidemark.toxiproxy.http;

import static io.tidemark.toxiproxy.Futures.await;
import static io.tidemark.toxiproxy.Futures.until;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

/** {@code /metrics}, with both kinds on. */
class MetricsApiTest extends ApiFixture {
  @Override
  ServerSettings settings() {
    return new ServerSettings("127.0.0.1", 0, true, true, 1);
  }

  @Test
  void bytesAreCountedByProxyAndDirectionWhenALinkEnds() throws IOException {
    try (var upstream = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var target = "127.0.0.1:" + upstream.getLocalPort();
      var proxy = await(server.proxies().create("p\"q", target));
      var labels =
          "{direction=\"%s\",listener=\"%s\",proxy=\"p\\\"q\",upstream=\"%s\"} "
              .formatted("%s", proxy.state().listen(), target);
      try (var client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
          var accepted = upstream.accept()) {
        client.getOutputStream().write(new byte[5]);
        accepted.getInputStream().readNBytes(5);
        accepted.getOutputStream().write(new byte[1_500_000]);
        client.getInputStream().readNBytes(1_500_000);
        assertThat(ask("GET", "/metrics").body()).doesNotContain("toxiproxy_proxy_");
      }

      until(
          "both links have ended",
          () -> ask("GET", "/metrics").body().split("_bytes_total\\{", -1).length == 5);
      assertThat(ask("GET", "/metrics").body())
          .contains(
              "# TYPE toxiproxy_proxy_received_bytes_total counter\n",
              "toxiproxy_proxy_received_bytes_total" + labels.formatted("upstream") + "5\n",
              "toxiproxy_proxy_received_bytes_total" + labels.formatted("downstream") + "1.5e+06\n",
              "# TYPE toxiproxy_proxy_sent_bytes_total counter\n",
              "toxiproxy_proxy_sent_bytes_total" + labels.formatted("upstream") + "5\n",
              "toxiproxy_proxy_sent_bytes_total" + labels.formatted("downstream") + "1.5e+06\n");
    }
  }

  @Test
  void theProcessIsShownUnderTheNamesOfTheOriginal() {
    var reply = ask("GET", "/metrics");

    assertThat(reply.header("Content-Type")).hasValue("text/plain; version=0.0.4; charset=utf-8");
    assertThat(reply.body())
        .containsPattern(
            "go_build_info\\{checksum=\"[^\"]*\",path=\"[^\"]*\",version=\"[^\"]*\"} 1\n")
        .contains("go_goroutines ", "process_start_time_seconds 1.", "promhttp_")
        .containsPattern("process_resident_memory_bytes [0-9.]+e\\+0[789]\n");
    assertThat(reply.body().lines())
        .allMatch(line -> line.matches("# (HELP|TYPE) .+|[a-z_]+(\\{.*})? [-+.e0-9]+"));
  }
}
