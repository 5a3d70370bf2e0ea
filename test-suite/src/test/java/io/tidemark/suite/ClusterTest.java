package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.refresh.Recovery;
import io.tidemark.common.refresh.RecoveryCause;
import io.tidemark.common.refresh.RefreshStage;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RefreshView;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Nodes of one cluster share the work, and stand in for each other. */
@Isolated("measures seconds")
class ClusterTest {
  /** Silence of 3 s, and as much again for a slow machine; sooner where the cluster says so. */
  private static final Duration RELEASED = Duration.ofSeconds(6);

  @TempDir Path folder;
  private ClusterNodes nodes;
  private String members;

  @BeforeEach
  void open() throws Exception {
    nodes = new ClusterNodes(folder);
    members = ClusterNodes.members();
  }

  @AfterEach
  void close() throws Exception {
    nodes.close();
  }

  @Test
  void nodesThatStartAtOnceShareARefreshAndAnyFrontendAnswers() throws Exception {
    // Given
    var config = nodes.config(1_500);
    var begun = List.of(begin(config, "n1"), begin(config, "n2"));
    var first = begun.get(0).ready();
    var second = begun.get(1).ready();
    Until.holds(
        "both are known", () -> ClusterNodes.live(first) == 2 && ClusterNodes.live(second) == 2);
    // When
    var id = second.refresh("t");
    // Then
    Until.holds("both work on it", () -> nodes.owners(id).size() == 2);
    first.await(id, RefreshState.SUCCEEDED);
    assertThat(second.view(id).snapshots()).isEqualTo(1);
    assertThat(second.view(id).recoveries()).isEmpty();
    nodes.assertEqual();
  }

  @Test
  void othersGoOnInTheSameSnapshotWhenTheExecutorThatTookItIsKilled() throws Exception {
    // Given
    var config = nodes.config(1_000);
    var stays = begin(config, "stays", "--roles", "frontend,meta").ready();
    var dies = begin(config, "dies", "--roles", "executor");
    Until.holds("it is known", () -> ClusterNodes.live(stays) == 1);
    var id = stays.refresh("t");
    stays.await(id, "merging", view -> view.vnodes().completed() > 1);
    // Paused, so that it is not over before a slow machine has started a process.
    stays.command("pause", id);
    begin(config, "late", "--roles", "executor");
    Until.holds("it is known too", () -> ClusterNodes.live(stays) == 2);
    stays.command("resume", id);
    Until.holds(
        "the late one has its share",
        () -> nodes.owners(id).stream().anyMatch(ClusterNodes.isNode("late")));
    // When
    var killed = Instant.now();
    dies.process().kill();
    // Then
    var recovered = stays.await(id, "gone on", ClusterTest::isRecovered);
    var recovery = recovered.recoveries().getFirst();
    assertThat(recovery.cause()).isEqualTo(RecoveryCause.EXECUTOR_LOST);
    assertThat(recovery.executor()).startsWith("dies-");
    assertThat(recovery.stage()).isEqualTo(RefreshStage.MERGING);
    assertThat(recovery.vnodesReleased()).isPositive();
    assertThat(recovery.vnodesCompleted()).isPositive();
    // Others go on with it once their lanes are through with what they have: not measured here.
    assertThat(Duration.between(killed, recovery.at()))
        .as("until it is released")
        .isLessThan(RELEASED);
    assertThat(recovery.seconds()).isPositive();
    var done = stays.await(id, RefreshState.SUCCEEDED);
    assertThat(done.snapshots()).isEqualTo(1);
    assertThat(done.vnodes().skipped()).isPositive();
    nodes.assertEqual();
  }

  @Test
  void aStandbyLeadsWithinSixSecondsOfTheLeadersDeathAndTheWorkGoesOn() throws Exception {
    // Given
    var config = nodes.config(1_000);
    var leads = begin(config, "first", "--roles", "frontend,meta").ready();
    var stands = begin(config, "second", "--roles", "frontend,meta").ready();
    begin(config, "worker", "--roles", "executor");
    Until.holds("it is known", () -> ClusterNodes.live(stands) == 1);
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
    nodes.assertEqual();
  }

  @Test
  void aLeaderThatWakesAfterItsLeaseWritesNothingAndStandsBy() throws Exception {
    // Given
    var config = nodes.config(800);
    var leads = begin(config, "first", "--roles", "frontend,meta").ready();
    var stands = begin(config, "second", "--roles", "frontend,meta,executor").ready();
    Until.holds("it is known", () -> ClusterNodes.live(stands) == 1);
    var id = leads.refresh("t");
    stands.await(id, "merging", view -> view.vnodes().completed() > 1);
    // When
    leads.process().pause();
    stands.await(id, "led by another", view -> view.term() == 2);
    leads.process().resume();
    // Then
    Until.holds("its write is refused", () -> fencedWrites(leads) > 0);
    assertThat(leads.view(id).term()).isEqualTo(2);
    Until.holds("both know who leads", () -> ClusterNodes.live(leads) == 1);
    leads.command("pause", id);
    assertThat(stands.view(id).paused()).isTrue();
    stands.command("resume", id);
    stands.await(id, RefreshState.SUCCEEDED);
    nodes.assertEqual();
  }

  @Test
  void restartingAllNodesOneAfterAnotherLosesNothing() throws Exception {
    // Given
    var config = nodes.config(700);
    var first = begin(config, "a").ready();
    var second = begin(config, "b").ready();
    Until.holds("both are known", () -> ClusterNodes.live(first) == 2);
    var id = first.refresh("t");
    second.await(id, "merging", view -> view.vnodes().completed() > 1);
    // When
    assertThat(first.process().terminate()).isZero();
    second.command("pause", id);
    var third = begin(config, "a").ready();
    Until.holds("it is back", () -> ClusterNodes.live(third) == 2);
    third.command("resume", id);
    Until.holds(
        "it has its share", () -> nodes.workers(id).stream().anyMatch(ClusterNodes.isNode("a")));
    assertThat(second.process().terminate()).isZero();
    // Then
    var done = third.await(id, RefreshState.SUCCEEDED);
    assertThat(done.recoveries())
        .noneMatch(recovery -> recovery.cause() == RecoveryCause.EXECUTOR_LOST);
    assertThat(done.rows().read()).isEqualTo(nodes.sourceRows());
    nodes.assertEqual();
  }

  @Test
  void aNewSnapshotIsTakenWhereAllThatReadTheFirstAreGone() throws Exception {
    // Given
    var config = nodes.config(1_000);
    var stays = begin(config, "stays", "--roles", "frontend,meta").ready();
    var dies = begin(config, "dies", "--roles", "executor");
    Until.holds("it is known", () -> ClusterNodes.live(stays) == 1);
    var id = stays.refresh("t");
    stays.await(id, "merging", view -> view.vnodes().completed() > 1);
    // When
    dies.process().kill();
    begin(config, "next", "--roles", "executor");
    // Then
    var done = stays.await(id, RefreshState.SUCCEEDED);
    assertThat(done.snapshots()).isEqualTo(2);
    assertThat(done.vnodes().skipped()).isPositive();
    assertThat(done.recoveries())
        .extracting(Recovery::cause)
        .contains(RecoveryCause.EXECUTOR_LOST, RecoveryCause.SNAPSHOT_LOST);
    nodes.assertEqual();
  }

  private TidemarkServer.Starting begin(Path config, String name, String... options)
      throws Exception {
    return nodes.begin(config, members, name, options);
  }

  private static boolean isRecovered(RefreshView view) {
    return !view.recoveries().isEmpty() && view.recoveries().getFirst().seconds() != null;
  }

  @Test
  void aNodeWithoutAFrontendServesHealthAndMetrics() throws Exception {
    // Given
    var config = nodes.config(1_500);
    begin(config, "leads").ready();
    // When
    var worker = begin(config, "worker", "--roles", "executor").ready();
    // Then
    assertThat(worker.send("GET", "/health/live").statusCode()).isEqualTo(200);
    Until.holds("it is ready", () -> worker.send("GET", "/health/ready").statusCode() == 200);
    assertThat(worker.send("GET", "/metrics").body())
        .contains("tidemark_fenced_writes_total{role=\"executor\"} 0.0");
    assertThat(worker.send("POST", "/tables/t/refreshes").statusCode()).isEqualTo(404);
  }

  /** As where several nodes of one machine have one file. */
  @Test
  void aNodeWithoutAFrontendWhosePortIsTakenServesHealthOnAnother() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
      // Given
      var config =
          Files.writeString(
              nodes.config(1_500),
              "server: {host: 127.0.0.1, port: %d}\n".formatted(taken.getLocalPort()),
              StandardOpenOption.APPEND);
      // When
      var worker = nodes.asWritten(config, "--roles", "executor").ready();
      // Then
      assertThat(worker.send("GET", "/health/live").statusCode()).isEqualTo(200);
      assertThat(worker.process().err()).contains("health and metrics are served on another port");
    }
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
}
