package io.tidemark.launcher.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.common.bus.Json;
import io.tidemark.launcher.terminal.Views;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each command asks of a server, prints and ends with. */
class ClientCommandsTest {
  private static final String YAML =
      """
      tables:
        - name: orders
          source: {type: postgres, url: "postgresql://h/shop", table: public.orders}
        - name: parts
          source: {type: postgres, url: "postgresql://h/shop", table: public.parts}
      """;

  private final FakeServer server = new FakeServer();
  @TempDir Path folder;

  @AfterEach
  void stop() {
    server.close();
  }

  private static String refresh(String changes) {
    return Views.json(changes).toString();
  }

  private CommandRun run(String command, String... more) {
    var arguments = new String[more.length + 3];
    arguments[0] = command;
    arguments[1] = "--server";
    arguments[2] = server.url();
    System.arraycopy(more, 0, arguments, 3, more.length);
    return CommandRun.of(arguments);
  }

  private static JsonNode json(CommandRun run) throws JsonProcessingException {
    return Json.MAPPER.readTree(run.out());
  }

  @Test
  void applySaysWhatBecameOfEachTable() throws IOException {
    var file = Files.writeString(folder.resolve("t.yaml"), YAML);
    server
        .on("PUT /tables/orders", 201, "{\"updatedAt\": \"b\"}")
        .on("GET /tables/parts", 200, "{\"updatedAt\": \"a\"}")
        .on("PUT /tables/parts", 200, "{\"updatedAt\": \"a\"}")
        .on("PUT /tables/parts", 200, "{\"updatedAt\": \"c\"}");

    assertThat(run("apply", "-f", file.toString()))
        .isEqualTo(new CommandRun(0, "orders: created\nparts: unchanged\n", ""));
    assertThat(server.requests())
        .anyMatch(it -> it.startsWith("PUT /tables/orders {") && it.contains("public.orders"));
    assertThat(run("apply", "-f", file.toString()).out()).contains("parts: changed");
  }

  @Test
  void applyShowsAllProblemsAndGoesOnWithTheOtherTables() throws IOException {
    var file = Files.writeString(folder.resolve("t.yaml"), YAML);
    server
        .on("PUT /tables/orders", 422, Problems.TWO_WRONG)
        .on("PUT /tables/parts", 201, "{\"updatedAt\": \"a\"}");

    var run = run("apply", "-f", file.toString());

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEqualTo("parts: created\n");
    assertThat(run.err())
        .isEqualTo(
            """
            tidemark: FILE: table orders: key: is missing; Name the key.
            FILE: table orders: target: lacks note; Add the column.
            """
                .replace("FILE", file.toString()));
  }

  @Test
  void applyRefusesAFileThatIsWrongBeforeItAsks() throws IOException {
    var file = Files.writeString(folder.resolve("t.yaml"), "tables: [{name: a}, {nmae: b}]");
    var run = run("apply", "-f", file.toString());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("source", "nmae");
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void refreshLeavesItToTheServerUnlessItIsToWait() throws IOException {
    server.on("POST /tables/orders/refreshes", 202, refresh("{}"));

    var run = run("refresh", "orders");
    assertThat(run.code()).isZero();
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .isEqualTo(
            "orders: refresh 17 is requested; `tidemark watch 17 --server %s` shows it\n"
                .formatted(server.url()));
    assertThat(json(run("refresh", "orders", "--json"))).isEqualTo(Views.json("{}"));
  }

  @Test
  void refreshThatWaitsShowsProgressAndEndsAsItDid() throws IOException {
    server
        .on("POST /tables/o%2Fr%20d/refreshes", 202, refresh("{}"))
        .on("GET /refreshes/17", 200, refresh("{}"))
        .onSocket(
            "{\"type\": \"snapshot\", \"seq\": 1, \"refresh\": " + refresh("{}") + "}",
            "{\"type\": \"delta\", \"seq\": 2, \"refresh\": {\"id\": 17, \"state\": \"FINISHING\"}}",
            "{\"type\": \"end\", \"seq\": 3, \"refresh\": " + refresh(Views.SUCCEEDED) + "}");

    var run = run("refresh", "o/r d", "--wait", "--json");

    assertThat(run.code()).isZero();
    assertThat(json(run)).isEqualTo(Views.json(Views.SUCCEEDED));
    assertThat(run.err().lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("orders: refresh 17 MERGING 51.2%"),
            line -> assertThat(line).startsWith("orders: refresh 17 FINISHING 51.2%"),
            line -> assertThat(line).startsWith("orders: refresh 17 SUCCEEDED in 6.2s"));
  }

  @Test
  void aRefreshThatIsRunningAlreadyIsNamed() throws IOException {
    server.on("POST /tables/orders/refreshes", 409, Problems.ALREADY);
    var run = run("refresh", "orders", "--wait", "--json");
    assertThat(run.code()).isEqualTo(1);
    assertThat(json(run).path("code").asText()).isEqualTo("ALREADY_REFRESHING");
    assertThat(run.err())
        .isEqualTo(
            """
            tidemark: orders is already refreshing (id 16)
              Next: `tidemark watch 16` shows it, `tidemark cancel 16` ends it.
            """);
  }

  @Test
  void aDryRunEndsWithItsPlan() {
    server
        .on(
            "POST /tables/orders/refreshes?dryRun=true&full=true",
            202,
            refresh("{\"dryRun\": true}"))
        .on("GET /refreshes/17", 200, refresh(Views.AWAITING));
    var run = run("refresh", "orders", "--dry-run", "--full");
    assertThat(run.code()).isEqualTo(3);
    assertThat(run.err())
        .contains(
            "waits for approval", "{\"id\":2}", "`tidemark approve 17 --server " + server.url());
  }

  @Test
  void aRefreshThatFailsSaysWhatIsSafe() {
    server.on("GET /refreshes/17", 200, refresh(Views.FAILED));
    var run = run("watch", "17");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .contains("Where: stage MERGING, VNode 4", "Safe: the target is untouched");
  }

  @Test
  void statusListsAllTables() throws IOException {
    server
        .on("GET /tables", 200, "[{\"name\": \"cities\"}, {\"name\": \"orders\"}]")
        .on(
            "GET /refreshes?limit=1000",
            200,
            "[%s, %s, %s]"
                .formatted(
                    refresh("{}"),
                    refresh("{\"id\": 16}"),
                    refresh("{\"id\": 9, \"table\": \"forgotten\"}")));

    var run = run("status");
    assertThat(run.code()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out().lines()).hasSize(3);
    assertThat(run.out()).contains(" -  cities  IDLE", "17  orders  MERGING");
    assertThat(json(run("status", "--json")))
        .isEqualTo(Json.MAPPER.createArrayNode().add(Views.json("{}")));
  }

  @Test
  void statusOfOneTableShowsWhyItWaits() throws IOException {
    server
        .on("GET /refreshes?limit=1&table=orders", 200, "[" + refresh(Views.AWAITING) + "]")
        .on("GET /refreshes?limit=1&table=new", 200, "[]")
        .on("GET /tables/new", 200, "{\"name\": \"new\"}")
        .on("GET /refreshes?limit=1&table=none", 200, "[]");

    assertThat(run("status", "orders").out())
        .contains("AWAITING_APPROVAL", "Next: `tidemark approve 17");
    assertThat(json(run("status", "orders", "--json"))).isEqualTo(Views.json(Views.AWAITING));
    assertThat(run("status", "new").out()).contains("IDLE");
    assertThat(run("status", "new", "--json").out()).isEqualTo("null\n");
    var none = run("status", "none", "--json");
    assertThat(none.code()).isEqualTo(2);
    assertThat(json(none).path("code").asText()).isEqualTo("NOT_FOUND");
  }

  @Test
  void historyListsRefreshes() throws IOException {
    var both = "[" + refresh("{}") + "," + refresh(Views.FAILED) + "]";
    server
        .on("GET /refreshes?limit=20&table=orders", 200, both)
        .on("GET /refreshes?limit=2&table=orders", 200, both);
    assertThat(run("history", "orders").out().lines()).hasSize(3);
    assertThat(json(run("history", "orders", "--limit", "2", "--json")))
        .isEqualTo(Json.MAPPER.readTree(both));
    assertThat(run("history", "orders", "--limit", "0").code()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"approve", "reject", "cancel", "pause", "resume"})
  void actionsAskForTheirs(String verb) throws IOException {
    server.on("POST /refreshes/17/" + verb, 200, refresh("{\"paused\": true}"));
    var run = run(verb, "17", "--json");
    assertThat(run.code()).isZero();
    assertThat(json(run).path("paused").asBoolean()).isTrue();
    assertThat(run.err()).startsWith("orders: refresh 17 PAUSED: ");
    assertThat(run(verb, "18").code()).isEqualTo(2);
  }

  @Test
  void changesAreReadPageByPage() {
    server
        .on(
            "GET /tables/orders/changes?limit=10000&after=5",
            200,
            "{\"seq\":6}\n{\"seq\":9,\"row\":{\"a\":\"\u009b\"}}\n")
        .on("GET /tables/orders/changes?limit=10000&after=9", 200, "");
    assertThat(run("changes", "orders", "--after", "5"))
        .isEqualTo(new CommandRun(0, "{\"seq\":6}\n{\"seq\":9,\"row\":{\"a\":\"\\u009b\"}}\n", ""));
    assertThat(run("changes", "none").code()).isEqualTo(2);
  }

  @Test
  void aServerThatIsNotThereIsNamed() {
    server.stop();
    assertThat(run("status"))
        .isEqualTo(
            new CommandRun(
                1,
                "",
                """
                tidemark: no server answers at URL
                  Next: Start one with `tidemark server -f FILE`, or name another with --server URL.
                """
                    .replaceFirst("URL", server.url())));
    assertThat(run("watch", "17").code()).isEqualTo(1);
  }

  @Test
  void anythingElseThatAnswersIsToldApart() {
    server.on("GET /tables", 200, "<html>");
    assertThat(run("status").err()).contains("answers, but not as a Tidemark server (status 200)");
    assertThat(CommandRun.of("status", "--server", "ftp://h").code()).isEqualTo(2);
  }
}
