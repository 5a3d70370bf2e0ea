package io.tidemark.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tidemark toxiproxy} in a process of its own. */
final class ToxiproxyCommandTest {
  @TempDir Path folder;

  @Test
  void itServesWhatItsFileSaysAndEndsInGoodOrder() throws Exception {
    Files.writeString(
        folder.resolve("proxies.json"),
        "[{\"name\": \"redis\", \"listen\": \"localhost:0\", \"upstream\": \"localhost:6379\"}]");
    var server =
        ChildProcess.start(
            folder,
            Map.of("LOG_LEVEL", "warn"),
            Tidemark.class,
            "toxiproxy",
            "-port=0",
            "--config",
            "proxies.json",
            "--proxy-metrics");
    var ready = server.line();
    assertThat(ready).matches("toxiproxy listens on http://localhost:[0-9]+");
    var url = ready.substring(ready.indexOf("http"));

    assertThat(get(url + "/version")).isEqualTo("{\"version\": \"2.12.0\"}\n");
    assertThat(get(url + "/proxies"))
        .startsWith("{\"redis\":{\"name\":\"redis\",\"listen\":\"127.0.0.1:");
    assertThat(get(url + "/metrics")).contains("promhttp_").doesNotContain("go_info");

    server.process().destroy();
    var result = server.end();
    assertThat(result.exitCode()).isZero();
    assertThat(result.err()).isEmpty();
  }

  @Test
  void aPortThatIsTakenIsToldInOneLine() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var port = Integer.toString(taken.getLocalPort());

      var result =
          ChildProcess.tidemark(
              folder, Map.of(), "toxiproxy", "--host", "127.0.0.1", "--port", port);

      assertThat(result.exitCode()).isEqualTo(2);
      assertThat(result.err())
          .startsWith("tidemark: port " + port + " of 127.0.0.1 cannot be listened on")
          .contains("--port")
          .doesNotContain("Exception:");
    }
  }

  @Test
  void aFileThatIsWrongIsToldInOneLine() throws Exception {
    Files.writeString(folder.resolve("proxies.json"), "[{\"name\": \"redis\"}]");

    var wrong =
        ChildProcess.tidemark(
            folder, Map.of(), "toxiproxy", "--port=0", "--config", "proxies.json");
    var missing =
        ChildProcess.tidemark(folder, Map.of(), "toxiproxy", "--port=0", "--config", "none.json");

    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err())
        .startsWith("tidemark: proxies.json: missing required field: upstream at proxy 1");
    assertThat(missing.exitCode()).isEqualTo(2);
    assertThat(missing.err()).startsWith("tidemark: none.json cannot be read");
  }

  @Test
  void itsVersionIsThatOfToxiproxy() throws Exception {
    for (var option : new String[] {"--version", "-version"}) {
      var result = ChildProcess.tidemark(folder, Map.of(), "toxiproxy", option);

      assertThat(result.exitCode()).isZero();
      assertThat(result.out()).isEqualTo("toxiproxy-server version 2.12.0\n");
    }
  }

  private static String get(String url) throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      return http.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString())
          .body();
    }
  }
}
