package io.tidemark.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.bus.CommandReply;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeOperationsTest {
  private Frontend frontend;

  @BeforeEach
  void start() throws Exception {
    frontend = new Frontend();
  }

  @AfterEach
  void stop() throws Exception {
    frontend.stop();
  }

  @Test
  void isAliveWithoutALeader() throws Exception {
    assertThat(frontend.get("/health/live").status()).isEqualTo(200);
  }

  @Test
  void isReadyOnlyWhileALeaseRuns() throws Exception {
    var before = frontend.get("/health/ready");
    frontend.sql(
        "INSERT INTO tidemark.leases (name, holder, kind, term, expires_at)"
            + " VALUES ('meta', 'n', 'server', 1, now() + interval '1 hour')");
    var led = frontend.get("/health/ready");
    frontend.sql("UPDATE tidemark.leases SET expires_at = now() - interval '1 second'");
    var expired = frontend.get("/health/ready");

    assertThat(before.status()).isEqualTo(503);
    assertThat(before.json().get("check").asText()).isEqualTo("leader");
    assertThat(before.header("retry-after")).isPresent();
    assertThat(led.status()).isEqualTo(200);
    assertThat(expired.status()).isEqualTo(503);
  }

  @Test
  void listsExecutorsOfTheLeader() throws Exception {
    frontend.leader(command -> new CommandReply.Done(1, false));

    var executors = frontend.get("/api/v1/executors");

    assertThat(executors.json().get(0).get("executor").asText()).isEqualTo("e1");
  }

  @Test
  void showsMetricsAndItsContract() throws Exception {
    assertThat(frontend.get("/metrics").text()).contains("tidemark_test_total 1.0");
    assertThat(frontend.get("/openapi.yaml").text()).startsWith("openapi: 3.1.0");
  }
}
