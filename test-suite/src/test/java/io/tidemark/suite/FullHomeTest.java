package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.refresh.RefreshState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** The disk of the home is full: nothing is lost, and it says what is to be done. */
@Isolated("measures seconds")
class FullHomeTest {
  private static final int DISK_MEGABYTES = 48;
  private static final int ROUNDS = 10;

  /** As {@link ClusterNodes#config} sets it. */
  private static final Duration BARRIER_INTERVAL = Duration.ofMillis(200);

  @TempDir Path folder;
  private SmallDisk disk;
  private OwnPostgres server;
  private ClusterNodes nodes;

  @BeforeEach
  void open() throws Exception {
    SmallDisk.unavailable().ifPresent(Assumptions::abort);
    disk = new SmallDisk(folder.resolve("disk"), DISK_MEGABYTES);
    server = new OwnPostgres(folder);
    try (var admin = Databases.server(server.port()).connect("test")) {
      Databases.execute(admin, "CREATE TABLESPACE small LOCATION '" + disk.folder + "'");
    }
    nodes = new ClusterNodes(folder, new Databases(Databases.sharedPort(), server.port(), "small"));
    // More differences than find room in pages that are there already.
    Databases.execute(nodes.databases.source, "UPDATE public.t SET v = repeat(v, 8)");
  }

  @AfterEach
  void close() throws Exception {
    if (nodes != null) {
      nodes.close();
    }
    if (server != null) {
      server.close();
    }
    if (disk != null) {
      disk.close();
    }
  }

  @Test
  void aRefreshThatFindsTheHomeFullGoesOnOnceThereIsSpaceAgain() throws Exception {
    // Given
    var config = nodes.config(900);
    var members = ClusterNodes.members();
    var node = nodes.begin(config, members, "leads").ready();
    var other = nodes.begin(config, members, "works", "--roles", "executor").ready();
    Until.holds("both work", () -> ClusterNodes.live(node) == 2);
    var id = node.refresh("t");
    node.await(id, "merging", view -> view.vnodes().completed() > 1);
    var rows = Databases.number(nodes.databases.home, "SELECT count(*) FROM public.t");
    // When
    disk.fill();
    // Then
    Until.holds(
        "one says why",
        () ->
            Stream.of(node, other)
                .anyMatch(it -> it.process().err().contains("No space left on device")));
    Until.holds(
        "it has given up for now",
        () -> node.process().err().contains("refresh failed refresh=\"" + id + "\""));
    assertThat(Databases.number(nodes.databases.home, "SELECT count(*) FROM public.t"))
        .as("rows, none deleted")
        .isEqualTo(rows);
    var rounds = epoch();
    var begun = System.nanoTime();
    Until.holds("it leads on", () -> epoch() >= rounds + ROUNDS);
    assertThat(Duration.ofNanos(System.nanoTime() - begun))
        .as("at its pace, not as fast as it can")
        .isGreaterThan(BARRIER_INTERVAL.multipliedBy(ROUNDS).dividedBy(4));
    // When
    disk.free();
    // Then
    Until.holds("it is done", () -> isDone(node, id));
    var done = node.view(id);
    assertThat(done.rows().read()).as("nothing read twice").isEqualTo(nodes.sourceRows());
    assertThat(done.vnodes().skipped()).isPositive();
    nodes.assertEqual();
  }

  private long epoch() throws Exception {
    return Databases.number(nodes.databases.home, "SELECT epoch FROM tidemark.leases");
  }

  /** One that has FAILED must be one that says why, and that can be resumed. */
  private static boolean isDone(TidemarkServer node, long id) throws Exception {
    var view = node.view(id);
    if (view.state() == RefreshState.FAILED) {
      assertThat(view.error()).isNotNull();
      assertThat(view.error().code()).isEqualTo(ErrorCode.HOME_FAILED);
      assertThat(view.error().message()).contains("No space left on device");
      assertThat(view.error().retryable()).isTrue();
      assertThat(node.refresh("t")).isEqualTo(id);
    }
    return view.state() == RefreshState.SUCCEEDED;
  }
}
