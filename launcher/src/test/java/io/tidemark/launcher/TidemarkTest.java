package io.tidemark.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.bus.Json;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command says and how it ends where the user wrote something wrong. */
final class TidemarkTest {
  @TempDir Path folder;

  @Test
  void helpNamesTheExitCodes() throws Exception {
    var result = ChildProcess.tidemark(folder, Map.of(), "sync", "--help");

    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).contains("Exit codes:", "4", "goes on where it stopped");
  }

  @Test
  void anUnknownOptionIsToldInOneLine() throws Exception {
    var result = ChildProcess.tidemark(folder, Map.of(), "server", "-f", "x.yaml", "--prot", "1");

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err().lines().filter(line -> line.startsWith("tidemark: ")))
        .singleElement()
        .asString()
        .contains("--prot");
    assertThat(result.err()).doesNotContain("Exception");
  }

  @Test
  void allThatIsWrongWithAFileIsToldAtOnce() throws Exception {
    Files.writeString(
        folder.resolve("t.yaml"),
        """
        tables:
          - {name: a, target: public.a, colour: red,
             source: {type: postgres, url: "postgresql://h/d", password: "s3cret", table: a}}
          - {name: b, target: public.b, source: {type: oracle, password: "s3cret"}}
        """);

    var result = ChildProcess.tidemark(folder, Map.of(), "sync", "-f", "t.yaml", "--json");

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err().lines().filter(line -> line.startsWith("tidemark: t.yaml:")))
        .hasSizeGreaterThanOrEqualTo(2);
    var json = Json.MAPPER.readTree(result.out());
    assertThat(json.path("code").asText()).isEqualTo("CONFIG_INVALID");
    assertThat(json.path("message").asText()).contains("colour", "oracle");
    assertThat(result.out() + result.err()).doesNotContain("s3cret", "Exception");
  }

  @Test
  void anUnreachableHomeIsToldInOneLineWithoutItsPassword() throws Exception {
    Files.writeString(
        folder.resolve("t.yaml"),
        """
        home: postgresql://u:s3cret@127.0.0.1:1/d
        tables:
          - {name: a, target: public.a,
             source: {type: postgres, url: "postgresql://h/d", table: public.a}}
        """);

    var result = ChildProcess.tidemark(folder, Map.of(), "sync", "-f", "t.yaml");

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).startsWith("tidemark: t.yaml: home: postgresql://u@127.0.0.1:1/d");
    assertThat(result.err()).doesNotContain("s3cret", "Exception");
    assertThat(result.out()).isEmpty();
  }

  @Test
  void aPortThatIsTakenIsToldBeforeAnythingStarts() throws Exception {
    Files.writeString(folder.resolve("t.yaml"), "tables: []\n");
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var port = Integer.toString(taken.getLocalPort());

      var result =
          ChildProcess.tidemark(folder, Map.of(), "server", "-f", "t.yaml", "--port", port);

      assertThat(result.exitCode()).isEqualTo(2);
      assertThat(result.err()).contains("port " + port, "--port");
      assertThat(folder.resolve("tidemark-data")).doesNotExist();
    }
  }

  @Test
  void aServerEndsInGoodOrderWhenAskedTo() throws Exception {
    Files.writeString(folder.resolve("t.yaml"), "tables: []\n");
    var server =
        ChildProcess.start(folder, Map.of(), Tidemark.class, "server", "-f", "t.yaml", "--port=0");
    var ready = server.line();

    server.process().destroy();
    var result = server.end();

    assertThat(ready).contains("listens on http://127.0.0.1:", "/tidemark");
    assertThat(result.exitCode()).isZero();
    assertThat(folder.resolve("tidemark-data/postgres/postmaster.pid")).doesNotExist();
  }
}
