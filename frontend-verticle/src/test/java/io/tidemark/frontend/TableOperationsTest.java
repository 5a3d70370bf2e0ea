package io.tidemark.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TableOperationsTest {
  private static final String SOURCE =
      """
      "source": {"type": "postgres", "url": "postgresql://reader:s3cret@shop/shop",
                 "password": "t0psecret", "table": "public.orders"}
      """;

  private static final String TABLE = "{" + SOURCE + "}";

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
  void storesWhatTheExecutorFindsNothingWrongWith() throws Exception {
    frontend.executor();

    var created = frontend.put("/api/v1/tables/orders", TABLE);
    var replaced = frontend.put("/api/v1/tables/orders", TABLE);

    assertThat(created.status()).isEqualTo(201);
    assertThat(replaced.status()).isEqualTo(200);
    assertThat(frontend.validations.getFirst().origin()).isEqualTo("request");
    assertThat(frontend.validations.getFirst().definitions().getFirst())
        .contains("\"name\":\"orders\"", "t0psecret");
    assertThat(frontend.get("/api/v1/tables").json()).hasSize(1);
  }

  @Test
  void neverShowsASecret() throws Exception {
    frontend.executor();

    var put = frontend.put("/api/v1/tables/orders", TABLE);
    var shown = frontend.get("/api/v1/tables/orders");
    var listed = frontend.get("/api/v1/tables");

    assertThat(put.text() + shown.text() + listed.text())
        .contains("***")
        .doesNotContain("t0psecret", "s3cret");
  }

  @Test
  void refusesADefinitionThatWasShown() throws Exception {
    frontend.executor().put("/api/v1/tables/orders", TABLE);
    var shown = frontend.get("/api/v1/tables/orders").json().get("definition").toString();

    var refused = frontend.put("/api/v1/tables/orders", shown);

    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.json().get("detail").asText()).contains("***");
  }

  @Test
  void tellsAllThatIsWrongWithADefinition() throws Exception {
    var refused =
        frontend.put("/api/v1/tables/orders", "{\"vnodes\": -1, \"sauce\": 1, " + SOURCE + "}");

    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.header("content-type")).contains("application/problem+json");
    assertThat(refused.json().get("code").asText()).isEqualTo("CONFIG_INVALID");
    assertThat(refused.json().get("problems")).hasSize(2);
  }

  @Test
  void refusesWhatTheExecutorFindsWrong() throws Exception {
    frontend.executor(ErrorReport.of(ErrorCode.KEY_MISSING, "request: table orders: no key"));

    var refused = frontend.put("/api/v1/tables/orders", TABLE);

    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.json().get("code").asText()).isEqualTo("KEY_MISSING");
    assertThat(refused.json().get("problems").get(0).get("message").asText()).contains("no key");
    assertThat(frontend.get("/api/v1/tables").json()).isEmpty();
  }

  @Test
  void refusesATargetThatAnotherTableHas() throws Exception {
    frontend.executor().put("/api/v1/tables/orders", TABLE);

    var refused =
        frontend.put("/api/v1/tables/copy", "{\"target\": \"public.orders\", " + SOURCE + "}");

    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.json().get("code").asText()).isEqualTo("TARGET_TAKEN");
    assertThat(refused.json().get("detail").asText())
        .contains("copy", "public.orders", "table orders");
    assertThat(frontend.get("/api/v1/tables").json()).hasSize(1);
  }

  @Test
  void refusesAnotherNameThanTheUrls() throws Exception {
    var refused =
        frontend.executor().put("/api/v1/tables/orders", "{\"name\": \"other\", " + SOURCE + "}");

    assertThat(refused.status()).isEqualTo(422);
    assertThat(frontend.get("/api/v1/tables").json()).isEmpty();
  }

  @Test
  void isUnavailableWithoutAnExecutor() throws Exception {
    var refused = frontend.put("/api/v1/tables/orders", TABLE);

    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.json().get("code").asText()).isEqualTo("NO_EXECUTOR");
  }

  @Test
  void takesNamesOfAnyKind() throws Exception {
    var path = "/api/v1/tables/50%25%20+%20%C3%BC";
    frontend.executor();

    var created = frontend.put(path, TABLE);

    assertThat(created.json().get("name").asText()).isEqualTo("50% + ü");
    assertThat(frontend.get(path).status()).isEqualTo(200);
    assertThat(frontend.get("/api/v1/refreshes?table=50%25%20%2B").status()).isEqualTo(200);
  }

  @Test
  void deletesUnlessARefreshIsActive() throws Exception {
    frontend.executor().put("/api/v1/tables/t", TABLE);
    var id = frontend.refresh("REFRESHING", "");

    var refused = frontend.send("DELETE", "/api/v1/tables/t", "");
    frontend.sql("UPDATE tidemark.refreshes SET state = 'FAILED'");
    var deleted = frontend.send("DELETE", "/api/v1/tables/t", "");
    var gone = frontend.send("DELETE", "/api/v1/tables/t", "");

    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.json().get("refreshId").asLong()).isEqualTo(id);
    assertThat(deleted.status()).isEqualTo(204);
    assertThat(gone.status()).isEqualTo(404);
  }
}
