package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.refresh.Recovery;
import io.tidemark.common.refresh.RecoveryCause;
import io.tidemark.common.refresh.RefreshStage;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RefreshView;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes in processes of their own that form one cluster. */
class ClusterTest {
  private static final int ROWS = 8_000;

  @TempDir Path folder;
  private final List<TidemarkProcess> processes = new ArrayList<>();
  private Databases databases;
  private String members;

  @BeforeEach
  void open() throws Exception {
    databases = new Databases();
    members = members();
    for (var side : List.of(databases.source, databases.home)) {
      Databases.execute(
          side,
          "CREATE TABLE public.t (id bigint PRIMARY KEY, v text NOT NULL)",
          "INSERT INTO public.t SELECT i, md5(i::text) FROM generate_series(1, " + ROWS + ") i");
    }
    Databases.execute(
        databases.source,
        "UPDATE public.t SET v = 'new' WHERE id % 50 = 1",
        "DELETE FROM public.t WHERE id % 50 = 3");
  }

  @AfterEach
  void close() throws Exception {
    processes.forEach(TidemarkProcess::close);
    databases.close();
  }

  @Test
  void nodesThatStartAtOnceShareARefreshAndAnyFrontendAnswers() throws Exception {
    // Given
    var config = config(1_500);
    var begun = List.of(begin(config, "n1"), begin(config, "n2"));
    var first = begun.get(0).ready();
    var second = begun.get(1).ready();
    Until.holds("both are known", () -> live(first) == 2 && live(second) == 2);
    // When
    var id = second.refresh("t");
    // Then
    Until.holds("both work on it", () -> owners(id).size() == 2);
    first.await(id, RefreshState.SUCCEEDED);
    assertThat(second.view(id).snapshots()).isEqualTo(1);
    assertThat(second.view(id).recoveries()).isEmpty();
    assertEqual();
  }

  @Test
  void othersGoOnInTheSameSnapshotWhenTheExecutorThatTookItIsKilled() throws Exception {
    // Given
    var config = config(1_000);
    var stays = begin(config, "stays", "--roles", "frontend,meta").ready();
    var dies = begin(config, "dies", "--roles", "executor");
    Until.holds("it is known", () -> live(stays) == 1);
    var id = stays.refresh("t");
    stays.await(id, "merging", view -> view.vnodes().completed() > 1);
    begin(config, "late", "--roles", "executor");
    Until.holds("the late one has its share", () -> owners(id).stream().anyMatch(isNode("late")));
    // When
    dies.process().kill();
    // Then
    var recovered = stays.await(id, "gone on", ClusterTest::isRecovered);
    var recovery = recovered.recoveries().getFirst();
    assertThat(recovery.cause()).isEqualTo(RecoveryCause.EXECUTOR_LOST);
    assertThat(recovery.executor()).startsWith("dies-");
    assertThat(recovery.stage()).isEqualTo(RefreshStage.MERGING);
    assertThat(recovery.vnodesReleased()).isPositive();
    assertThat(recovery.vnodesCompleted()).isPositive();
    assertThat(recovery.seconds()).isLessThan(3);
    var done = stays.await(id, RefreshState.SUCCEEDED);
    assertThat(done.snapshots()).isEqualTo(1);
    assertThat(done.vnodes().skipped()).isPositive();
    assertEqual();
  }

  @Test
  void aStandbyLeadsWithinSixSecondsOfTheLeadersDeathAndTheWorkGoesOn() throws Exception {
    // Given
    var config = config(1_000);
    var leads = begin(config, "first", "--roles", "frontend,meta").ready();
    var stands = begin(config, "second", "--roles", "frontend,meta").ready();
    begin(config, "worker", "--roles", "executor");
    Until.holds("it is known", () -> live(stands) == 1);
    var id = leads.refresh("t");
    stands.await(id, "merging", view -> view.vnodes().completed() > 1);
    // When
    leads.process().kill();
    // Then
    var recovered = stands.await(id, "gone on", ClusterTest::isRecovered);
    assertThat(recovered.recoveries())
        .extracting(Recovery::cause)
        .containsExactly(RecoveryCause.LEADER_LOST);
    assertThat(recovered.recoveries().getFirst().seconds()).isLessThan(6);
    assertThat(recovered.term()).isEqualTo(2);
    assertThat(stands.await(id, RefreshState.SUCCEEDED).snapshots()).isEqualTo(1);
    assertEqual();
  }

  @Test
  void aLeaderThatWakesAfterItsLeaseWritesNothingAndStandsBy() throws Exception {
    // Given
    var config = config(800);
    var leads = begin(config, "first", "--roles", "frontend,meta").ready();
    var stands = begin(config, "second", "--roles", "frontend,meta,executor").ready();
    Until.holds("it is known", () -> live(stands) == 1);
    var id = leads.refresh("t");
    stands.await(id, "merging", view -> view.vnodes().completed() > 1);
    // When
    leads.process().pause();
    stands.await(id, "led by another", view -> view.term() == 2);
    leads.process().resume();
    // Then
    Until.holds("its write is refused", () -> fencedWrites(leads) > 0);
    assertThat(leads.view(id).term()).isEqualTo(2);
    Until.holds("both know who leads", () -> live(leads) == 1);
    leads.command("pause", id);
    assertThat(stands.view(id).paused()).isTrue();
    stands.command("resume", id);
    stands.await(id, RefreshState.SUCCEEDED);
    assertEqual();
  }

  @Test
  void restartingAllNodesOneAfterAnotherLosesNothing() throws Exception {
    // Given
    var config = config(700);
    var first = begin(config, "a").ready();
    var second = begin(config, "b").ready();
    Until.holds("both are known", () -> live(first) == 2);
    var id = first.refresh("t");
    second.await(id, "merging", view -> view.vnodes().completed() > 1);
    // When
    assertThat(first.process().terminate()).isZero();
    var third = begin(config, "a").ready();
    Until.holds("it has its share", () -> unfinished(id).stream().anyMatch(isNode("a")));
    assertThat(second.process().terminate()).isZero();
    // Then
    var done = third.await(id, RefreshState.SUCCEEDED);
    assertThat(done.recoveries())
        .noneMatch(recovery -> recovery.cause() == RecoveryCause.EXECUTOR_LOST);
    assertThat(done.rows().read())
        .isEqualTo(Databases.number(databases.source, "SELECT count(*) FROM public.t"));
    assertEqual();
  }

  private static boolean isRecovered(RefreshView view) {
    return !view.recoveries().isEmpty() && view.recoveries().getFirst().seconds() != null;
  }

  private static Predicate<String> isNode(String name) {
    return owner -> owner.startsWith(name + "-");
  }

  private static double fencedWrites(TidemarkServer server) throws Exception {
    return server
        .send("GET", "/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("tidemark_fenced_writes_total{role=\"meta\"}"))
        .mapToDouble(line -> Double.parseDouble(line.replaceFirst(".* ", "")))
        .sum();
  }

  private List<String> unfinished(long id) throws Exception {
    return Databases.column(
        databases.home,
        "SELECT DISTINCT owner FROM tidemark.refresh_progress"
            + " WHERE owner IS NOT NULL AND NOT is_completed AND refresh_id = "
            + id);
  }

  private TidemarkServer.Starting begin(Path config, String name, String... options)
      throws Exception {
    var all =
        Stream.concat(Stream.of("--node-id", name, "--cluster", members), Stream.of(options))
            .toArray(String[]::new);
    var starting = TidemarkServer.begin(folder, config, all);
    processes.add(starting.process());
    return starting;
  }

  private static long live(TidemarkServer server) throws Exception {
    var live = 0;
    for (var executor : server.json("/executors")) {
      live += executor.path("live").asBoolean() ? 1 : 0;
    }
    return live;
  }

  private List<String> owners(long id) throws Exception {
    return Databases.column(
        databases.home,
        "SELECT DISTINCT owner FROM tidemark.refresh_progress"
            + " WHERE owner IS NOT NULL AND rows_read > 0 AND refresh_id = "
            + id);
  }

  private void assertEqual() throws Exception {
    var sql = "SELECT t::text FROM public.t t ORDER BY id";
    assertThat(Databases.column(databases.home, sql))
        .isEqualTo(Databases.column(databases.source, sql));
  }

  /** Free at this moment. */
  private static String members() throws IOException {
    var loopback = InetAddress.getLoopbackAddress();
    try (var one = new ServerSocket(0, 1, loopback);
        var other = new ServerSocket(0, 1, loopback)) {
      return "127.0.0.1:" + one.getLocalPort() + ",127.0.0.1:" + other.getLocalPort();
    }
  }

  private Path config(int rowsPerSecond) throws Exception {
    return Files.writeString(
        folder.resolve("tidemark.yaml"),
        """
        home: "postgresql://postgres@localhost:%d/%s"
        meta: {barrier-interval: 200ms, lease: 2s}
        executor: {lanes: 2, retry-for: 3s, chunk-rows: 100}
        tables:
          - name: t
            source: {type: postgres, url: "postgresql://postgres@localhost:%d/%s", table: public.t}
            target: public.t
            vnodes: 32
            throttle: {rows-per-second: %d}
        """
            .formatted(
                databases.homeAddress.port(),
                databases.homeAddress.database(),
                databases.sourceAddress.port(),
                databases.sourceAddress.database(),
                rowsPerSecond));
  }
}
