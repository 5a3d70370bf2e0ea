package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.refresh.RecoveryCause;
import io.tidemark.common.refresh.RefreshState;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What nobody plans for: clusters that do not hear each other, a home that refuses. */
@Isolated("measures seconds")
class BadDaysTest {
  @TempDir Path folder;
  private ClusterNodes nodes;

  /** Role of the nodes in the home: what counts for others does not count for superusers. */
  private String clerk = "";

  @BeforeEach
  void open() throws Exception {
    nodes = new ClusterNodes(folder);
  }

  @AfterEach
  void close() throws Exception {
    nodes.close();
  }

  @Test
  void twoClustersOnOneHomeShareARefreshAndEitherFrontendAnswers() throws Exception {
    // Given
    var config = nodes.config(900);
    var first = nodes.begin(config, ClusterNodes.members(), "first").ready();
    Until.holds("it leads", () -> ClusterNodes.live(first) == 1);
    var other = nodes.begin(config, ClusterNodes.members(), "other").ready();
    Until.holds("both executors are known here", () -> ClusterNodes.live(first) == 2);
    Until.holds("and there", () -> ClusterNodes.live(other) == 2);
    // When
    var id = other.refresh("t");
    // Then
    Until.holds("both work on it", () -> nodes.owners(id).size() == 2);
    other.command("pause", id);
    assertThat(first.view(id).paused()).isTrue();
    other.command("resume", id);
    var done = first.await(id, RefreshState.SUCCEEDED);
    assertThat(nodes.owners(id))
        .anyMatch(ClusterNodes.isNode("first"))
        .anyMatch(ClusterNodes.isNode("other"));
    assertThat(done.recoveries()).isEmpty();
    assertThat(done.snapshots()).isEqualTo(1);
    assertThat(done.rows().read()).isEqualTo(nodes.sourceRows());
    nodes.assertEqual();
  }

  @Test
  void anExecutorOfTheOtherClusterThatDiesIsReleased() throws Exception {
    // Given
    var config = nodes.config(900);
    var first = nodes.begin(config, ClusterNodes.members(), "first").ready();
    Until.holds("it leads", () -> ClusterNodes.live(first) == 1);
    var members = ClusterNodes.members();
    nodes.begin(config, members, "other", "--roles", "frontend,meta").ready();
    var dies = nodes.begin(config, members, "dies", "--roles", "executor");
    Until.holds("it is known", () -> ClusterNodes.live(first) == 2);
    var id = first.refresh("t");
    Until.holds("it works", () -> nodes.workers(id).stream().anyMatch(ClusterNodes.isNode("dies")));
    // When
    dies.process().kill();
    // Then
    var recovered = first.await(id, "recovered", view -> !view.recoveries().isEmpty());
    assertThat(recovered.recoveries().getFirst().cause()).isEqualTo(RecoveryCause.EXECUTOR_LOST);
    assertThat(recovered.recoveries().getFirst().executor()).startsWith("dies-");
    assertThat(first.await(id, RefreshState.SUCCEEDED).snapshots()).isEqualTo(1);
    nodes.assertEqual();
  }

  @Test
  void aClusterGoesOnWhenTheOneThatLedIsGone() throws Exception {
    // Given
    var config = nodes.config(900);
    var first = nodes.begin(config, ClusterNodes.members(), "first").ready();
    Until.holds("it leads", () -> ClusterNodes.live(first) == 1);
    var other = nodes.begin(config, ClusterNodes.members(), "other").ready();
    var id = first.refresh("t");
    other.await(id, "merging", view -> view.vnodes().completed() > 1);
    // When
    first.process().kill();
    // Then
    var done = other.await(id, RefreshState.SUCCEEDED);
    assertThat(done.term()).isEqualTo(2);
    assertThat(done.vnodes().skipped()).isPositive();
    nodes.assertEqual();
  }

  @ParameterizedTest
  @CsvSource({
    "SET default_transaction_read_only = on, RESET default_transaction_read_only, read-only",
    "CONNECTION LIMIT 0, CONNECTION LIMIT -1, too many connections"
  })
  void aHomeThatRefusesHoldsARefreshUpAndLosesNothing(String broken, String mended, String says)
      throws Exception {
    // Given
    var home = nodes.databases.homeAddress.database();
    clerk = "clerk_of_" + home;
    Databases.execute(
        nodes.databases.home,
        "CREATE ROLE " + clerk + " LOGIN",
        "GRANT CREATE ON DATABASE " + home + " TO " + clerk,
        "ALTER TABLE public.t OWNER TO " + clerk);
    var server = nodes.alone(nodes.config(900, clerk)).ready();
    var id = server.refresh("t");
    server.await(id, "merging", view -> view.vnodes().completed() > 1);
    // When
    alterAndCut(broken);
    Until.holds("it says why", () -> server.process().err().contains(says));
    alterAndCut(mended);
    // Then
    Until.holds("it leads", () -> server.send("GET", "/health/ready").statusCode() == 200);
    Until.holds("it is done", () -> isDone(server, id));
    nodes.assertEqual();
    assertThat(server.view(id).rows().read()).isEqualTo(nodes.sourceRows());
  }

  /** One that has FAILED must be one that can be resumed. */
  private static boolean isDone(TidemarkServer server, long id) throws Exception {
    var view = server.view(id);
    if (view.state() == RefreshState.FAILED) {
      assertThat(view.error()).isNotNull();
      assertThat(view.error().retryable()).as(view.error().message()).isTrue();
      assertThat(server.refresh("t")).isEqualTo(id);
    }
    return view.state() == RefreshState.SUCCEEDED;
  }

  /** What is set counts for new connections. */
  private void alterAndCut(String change) throws Exception {
    Databases.execute(
        nodes.databases.source,
        "ALTER ROLE " + clerk + " " + change,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '" + clerk + "'");
  }
}
