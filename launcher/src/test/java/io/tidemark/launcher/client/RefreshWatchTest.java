package io.tidemark.launcher.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.launcher.terminal.Views;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whatever becomes of the connection, a refresh is followed to its end. */
class RefreshWatchTest {
  private static final String SNAPSHOT = frame("snapshot", 1, "{}");
  private static final String END = frame("end", 2, Views.SUCCEEDED);

  private final FakeServer server = new FakeServer();

  @AfterEach
  void stop() {
    server.close();
  }

  private static String frame(String type, int seq, String changes) {
    return "{\"type\": \"%s\", \"seq\": %d, \"refresh\": %s}"
        .formatted(type, seq, Views.json(changes));
  }

  private CommandRun watch() {
    return CommandRun.of("watch", "17", "--server", server.url());
  }

  @Test
  void deltasReplaceMembersOfTheLastView() {
    var frames = new RefreshFrames();
    frames.take(SNAPSHOT);
    frames.take("{\"type\": \"delta\", \"seq\": 2, \"refresh\": {\"id\": 17, \"percent\": 60}}");
    var view =
        frames
            .take(
                "{\"type\": \"delta\", \"seq\": 3, \"refresh\": {\"id\": 17, \"rows\": {\"read\": 9}}}")
            .orElseThrow()
            .view();
    assertThat(view.percent()).isEqualTo(60);
    assertThat(view.rows().read()).isEqualTo(9);
    assertThat(view.rows().inserted()).isZero();
    assertThat(view.vnodes().completed()).isEqualTo(131);
  }

  @Test
  void aFrameThatDoesNotFollowIsNotBelieved() {
    var frames = new RefreshFrames();
    var delta = "{\"type\": \"delta\", \"seq\": %d, \"refresh\": {\"id\": 17, \"percent\": 60}}";
    assertThat(frames.take(delta.formatted(1))).isEmpty();
    assertThat(frames.take(SNAPSHOT)).isPresent();
    assertThat(frames.take(delta.formatted(3))).isEmpty();
    assertThat(frames.take("no JSON")).isEmpty();
    assertThat(frames.take("{\"type\": \"news\", \"seq\": 4, \"refresh\": {}}")).isEmpty();
  }

  @Test
  void aSocketThatIsClosedIsOpenedAgain() {
    server
        .on("GET /refreshes/17", 200, Views.json("{}").toString())
        .onSocket(SNAPSHOT)
        .onSocket(SNAPSHOT, END);
    assertThat(watch().code()).isZero();
    assertThat(server.requests()).filteredOn(it -> it.startsWith("SOCKET")).hasSize(2);
  }

  @Test
  void withoutASocketItAsks() {
    server
        .on("GET /refreshes/17", 200, Views.json("{}").toString())
        .on("GET /refreshes/17", 503, Problems.NO_LEADER)
        .on("GET /refreshes/17", 200, Views.json(Views.SUCCEEDED).toString());
    var run = watch();
    assertThat(run.code()).isZero();
    assertThat(run.err())
        .contains("tidemark: no meta leads; trying again", "tidemark: the server answers again");
  }

  @Test
  void aRestartOfTheServerIsOutlived() throws Exception {
    server
        .on("GET /refreshes/17", 200, Views.json("{}").toString())
        .onSocket(socket -> socket.writeTextMessage(SNAPSHOT))
        .onSocket(SNAPSHOT, END);
    var run = CompletableFuture.supplyAsync(this::watch);
    while (!"SOCKET /refreshes/17/progress".equals(server.request())) {
      assertThat(run).isNotDone();
    }

    server.stop();
    server.start();

    assertThat(run.get(30, TimeUnit.SECONDS).code()).isZero();
  }

  @Test
  void aServerThatStaysAwayIsGivenUp() {
    server
        .on("GET /refreshes/17", 200, Views.json("{}").toString())
        .on("GET /refreshes/17", 503, Problems.NO_LEADER);
    var hasty =
        new RefreshWatch.Patience(
            Duration.ofMillis(1),
            Duration.ofMillis(5),
            Duration.ofMillis(50),
            Duration.ofSeconds(5));
    var run = CommandRun.of(hasty, "watch", "17", "--server", server.url());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("no meta leads").contains("Try again in a few seconds.");
  }

  @Test
  void aSignalLeavesTheRefreshToTheServer() throws IOException, InterruptedException {
    server
        .on("GET /refreshes/17", 200, Views.json("{}").toString())
        .onSocket(socket -> socket.writeTextMessage(SNAPSHOT));
    var process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                CommandRun.class.getName(),
                "watch",
                "17",
                "--server",
                server.url())
            .start();
    try (var err = process.errorReader(StandardCharsets.UTF_8)) {
      assertThat(err.readLine()).contains("MERGING");
      process.toHandle().destroy(); // leaves its streams open
      assertThat(err.readLine())
          .isEqualTo(
              "tidemark: refresh 17 goes on at the server; `tidemark watch 17 --server %s` shows it again"
                  .formatted(server.url()));
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(4);
    } finally {
      process.destroyForcibly();
    }
  }
}
