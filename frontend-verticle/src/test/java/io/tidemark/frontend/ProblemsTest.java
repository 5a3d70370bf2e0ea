package io.tidemark.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.bus.CommandReply;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever goes wrong, the answer is a problem+json that says so. */
class ProblemsTest {
  private Frontend frontend;

  @BeforeEach
  void start() throws Exception {
    frontend = new Frontend();
  }

  @AfterEach
  void stop() throws Exception {
    frontend.stop();
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /, 404",
    "GET, /nowhere, 404",
    "GET, /api/v1/refreshes/1, 404",
    "GET, /api/v1/refreshes/1/vnodes, 404",
    "GET, /api/v1/tables/none, 404",
    "GET, /api/v1/tables/none/changes, 404",
    "POST, /api/v1/refreshes/1/explode, 404",
    "PATCH, /api/v1/tables, 405",
    "GET, /api/v1/refreshes?limit=0, 400",
    "GET, /api/v1/refreshes?limit=many, 400",
    "GET, /api/v1/refreshes?limit=99999999999999999999, 400",
    "GET, /api/v1/refreshes/seventeen, 400",
    "GET, /api/v1/refreshes/0, 400",
    "POST, /api/v1/tables/t/refreshes?dryRun=perhaps, 400",
    "GET, /api/v1/tables/t/changes?after=-1, 400",
    "PUT, /api/v1/tables/t, 400",
    "GET, /api/v1/progress, 426",
    "GET, /api/v1/executors, 503",
  })
  void isAProblem(String method, String path, int status) throws Exception {
    var answer = frontend.send(method, path, "");

    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.header("content-type")).contains("application/problem+json");
    assertThat(answer.json().get("status").asInt()).isEqualTo(status);
    assertThat(answer.json().get("instance").asText()).isEqualTo(path.split("\\?", -1)[0]);
    for (var member : new String[] {"type", "title", "detail", "code", "category", "hint"}) {
      assertThat(answer.json().get(member).asText()).as(member).isNotBlank();
    }
    assertThat(answer.json().get("retryable").isBoolean()).isTrue();
  }

  @Test
  void namesTheParameterThatIsWrong() throws Exception {
    assertThat(frontend.get("/api/v1/refreshes?limit=0").json().get("detail").asText())
        .contains("limit");
  }

  @Test
  void takesABodyOnlyAsTheContractSays() throws Exception {
    var path = "/api/v1/tables/t";

    assertThat(frontend.put(path, "{").status()).isEqualTo(400);
    assertThat(frontend.put(path, "[]").status()).isEqualTo(400);
    assertThat(frontend.send("PUT", path, "a: b", "Content-Type", "text/plain").status())
        .isEqualTo(415);
    assertThat(frontend.put(path, "{\"a\":\"" + "x".repeat(1 << 20) + "\"}").status())
        .isEqualTo(413);
  }

  @Test
  void doesNotQuoteABodyThatIsNotJson() throws Exception {
    assertThat(frontend.put("/api/v1/tables/t", "{\"password\": t0psecret}").text())
        .doesNotContain("t0psecret");
  }

  @Test
  void hidesWhatADefectSays() throws Exception {
    var id = frontend.refresh("REFRESHING", "guard = '{\"reason\": \"NOT_ONE\"}'");

    var answer = frontend.get("/api/v1/refreshes/" + id);

    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.json().get("code").asText()).isEqualTo("BUG");
    assertThat(answer.text()).doesNotContain("NOT_ONE", "Exception", "\tat ");
  }

  @Test
  void isUnavailableWhileTheHomeRefusesAndRecoversByItself() throws Exception {
    frontend.leader(command -> new CommandReply.Done(1, false));
    frontend.sql("ALTER SCHEMA tidemark RENAME TO elsewhere");
    var refused = frontend.get("/api/v1/tables");
    var unready = frontend.get("/health/ready");
    frontend.sql(
        "ALTER SCHEMA elsewhere RENAME TO tidemark",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            + " WHERE application_name = 'tidemark frontend'"
            + " AND datname = current_database()");

    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.json().get("code").asText()).isEqualTo("HOME_FAILED");
    assertThat(unready.json().get("check").asText()).isEqualTo("home");
    Eventually.holds(() -> frontend.get("/api/v1/tables").status() == 200);
  }

  @Test
  void answersWhatIsNotHttp() throws Exception {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), frontend.port())) {
      socket
          .getOutputStream()
          .write("GET /\u0001 nonsense\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
      var answer = new ByteArrayOutputStream();
      socket.getInputStream().transferTo(answer);

      assertThat(answer.toString(StandardCharsets.UTF_8))
          .matches("(?s)HTTP/1\\.[01] 400.*")
          .contains("application/problem+json");
    }
  }
}
