package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.refresh.Recovery;
import io.tidemark.common.refresh.RecoveryCause;
import io.tidemark.common.refresh.RefreshState;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** What {@code consistency: strict} promises holds across processes. */
@Isolated("measures seconds")
class StrictTest {
  @TempDir Path folder;
  private ClusterNodes nodes;

  @BeforeEach
  void open() throws Exception {
    nodes = new ClusterNodes(folder);
  }

  @AfterEach
  void close() throws Exception {
    nodes.close();
  }

  @Test
  void whereAllHoldersOfTheSnapshotDieTheResultIsOneWholeVersionOfTheSource() throws Exception {
    // Given
    var config = strict(nodes.config(900));
    var members = ClusterNodes.members();
    var leads = nodes.begin(config, members, "leads", "--roles", "frontend,meta").ready();
    var one = nodes.begin(config, members, "one", "--roles", "executor");
    var two = nodes.begin(config, members, "two", "--roles", "executor");
    Until.holds("both are known", () -> ClusterNodes.live(leads) == 2);
    var id = leads.refresh("t");
    Until.holds("both hold the snapshot", () -> nodes.owners(id).size() == 2);
    leads.await(id, "merging", view -> view.vnodes().completed() > 1);
    // When
    one.process().kill();
    two.process().kill();
    // Also in what is merged already.
    Databases.execute(
        nodes.databases.source,
        "BEGIN",
        "UPDATE public.t SET v = 'later' WHERE id % 20 = 0",
        "DELETE FROM public.t WHERE id % 50 = 7",
        "INSERT INTO public.t VALUES (-1, 'first'), (1000000, 'last')",
        "COMMIT");
    nodes.begin(config, members, "three", "--roles", "executor");
    // Then
    var done = leads.await(id, RefreshState.SUCCEEDED);
    assertThat(done.snapshots()).isEqualTo(2);
    assertThat(done.recoveries())
        .extracting(Recovery::cause)
        .contains(RecoveryCause.EXECUTOR_LOST, RecoveryCause.SNAPSHOT_LOST);
    assertThat(done.rows().read()).as("of the new snapshot").isEqualTo(nodes.sourceRows());
    nodes.assertEqual();
  }

  private static Path strict(Path config) throws Exception {
    var written = Files.readString(config);
    assertThat(written).contains("vnodes: 32\n");
    return Files.writeString(
        config, written.replace("vnodes: 32\n", "vnodes: 32\n    consistency: strict\n"));
  }
}
