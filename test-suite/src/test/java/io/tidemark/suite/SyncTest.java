package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RefreshView;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code tidemark sync} says and how it exits, where nothing interrupts it. */
class SyncTest {
  private static final int ROWS = 1_000;
  private static final String LEASE = "2s";

  @TempDir Path folder;
  private SyncCommands sync;

  @BeforeEach
  void open() throws Exception {
    sync = new SyncCommands(folder);
    sync.create("t", ROWS);
  }

  @AfterEach
  void close() throws Exception {
    sync.close();
  }

  @Test
  void loadsThenFindsNothingThenAppliesChangesAndPrintsOneDocumentEachTime() throws Exception {
    // Given
    sync.configure(LEASE, Map.of("t", ""));
    // When
    var first = sync.run("--json");
    var unchanged = sync.run("t", "--json");
    Databases.execute(
        sync.databases.source,
        "UPDATE public.t SET v = 'new' WHERE id <= 3",
        "DELETE FROM public.t WHERE id IN (10, 11)",
        "INSERT INTO public.t VALUES (5000, 'more')");
    var changed = sync.run("t", "--json");
    // Then
    assertDone(first, ROWS, 0, 0);
    assertDone(unchanged, 0, 0, 0);
    assertDone(changed, 1, 3, 2);
    sync.assertEqual("t");
  }

  @Test
  void severalTablesGiveAnArrayAndAnUnknownOneIsRefused() throws Exception {
    // Given
    sync.create("u", 1);
    sync.configure(LEASE, Map.of("t", "", "u", ""));
    // When
    var both = sync.run("--json");
    var unknown = sync.run("orders", "--json");
    // Then
    assertThat(both.exitCode()).as(both.err()).isZero();
    assertThat(both.json().findValuesAsText("table")).containsExactly("t", "u");
    sync.assertEqual("t");
    sync.assertEqual("u");
    assertThat(unknown.exitCode()).isEqualTo(2);
    assertThat(unknown.err()).contains("there is no table orders", "It has: t, u");
    assertThat(unknown.json().path("code").asText()).isEqualTo("CONFIG_INVALID");
  }

  @Test
  void aTableOfAnotherFileKeepsItsTarget() throws Exception {
    // Given
    sync.configure(LEASE, Map.of("t", ""));
    assertThat(sync.run().exitCode()).isZero();
    sync.create("u", 1);
    sync.configure(LEASE, Map.of("u", ""));
    sync.write(Files.readString(sync.config()).replace("target: public.u", "target: PUBLIC.T"));
    // When
    var refused = sync.run("--json");
    // Then
    assertThat(refused.exitCode()).as(refused.err()).isEqualTo(2);
    assertThat(refused.json().path("code").asText()).isEqualTo("TARGET_TAKEN");
    assertThat(refused.err()).contains("public.t is the target of table t already");
    sync.assertEqual("t");
  }

  @Test
  void tooManyDeletesWaitForApproveOrReject() throws Exception {
    // Given
    sync.adopt("t", ROWS);
    sync.configure(LEASE, Map.of("t", ""));
    Databases.execute(sync.databases.source, "DELETE FROM public.t WHERE id > 500");
    var before = sync.targetRows("t");
    // When
    var waiting = sync.run("--json");
    var rejected = sync.run("t", "--reject", "--json");
    // Then
    assertThat(waiting.exitCode()).as(waiting.err()).isEqualTo(3);
    assertThat(waiting.view().state()).isEqualTo(RefreshState.AWAITING_APPROVAL);
    assertThat(waiting.err())
        .contains("0 would be inserted, 0 updated, 500 deleted; the target has 1,000 rows")
        .contains("{\"id\"")
        .contains(" t --approve`", " t --reject`");
    assertThat(rejected.exitCode()).as(rejected.err()).isZero();
    assertThat(rejected.view().state()).isEqualTo(RefreshState.REJECTED);
    assertThat(sync.targetRows("t")).isEqualTo(before);
    // When
    var again = sync.run("t");
    var approved = sync.run("t", "--approve", "--json");
    var nothing = sync.run("t", "--approve");
    // Then
    assertThat(again.exitCode()).isEqualTo(3);
    assertThat(again.out()).isEmpty();
    assertThat(approved.exitCode()).as(approved.err()).isZero();
    sync.assertEqual("t");
    assertThat(nothing.exitCode()).isEqualTo(2);
    assertThat(nothing.err()).contains("no refresh waits for approval");
  }

  @Test
  void aDryRunAppliesNothingUntilItIsApprovedAndMakesWayForANewOne() throws Exception {
    // Given
    sync.adopt("t", ROWS);
    sync.configure(LEASE, Map.of("t", "visibility: progressive"));
    Databases.execute(sync.databases.source, "UPDATE public.t SET v = 'new' WHERE id = 1");
    var before = sync.targetRows("t");
    // When
    var first = sync.run("t", "--dry-run");
    var second = sync.run("t", "--dry-run", "--json");
    // Then
    assertThat(first.exitCode()).as(first.err()).isEqualTo(3);
    assertThat(first.err()).contains("dry run", "0 would be inserted, 1 updated, 0 deleted");
    assertThat(second.exitCode()).isEqualTo(3);
    assertThat(second.err()).contains("(refresh 1) is discarded");
    assertThat(second.view().id()).isEqualTo(2);
    assertThat(sync.targetRows("t")).isEqualTo(before);
    // When
    var approved = sync.run("t", "--approve");
    // Then
    assertThat(approved.exitCode()).as(approved.err()).isZero();
    sync.assertEqual("t");
  }

  @Test
  void aServerThatLeadsIsNamedWithTheCommandToUse() throws Exception {
    // Given
    sync.configure(LEASE, Map.of("t", ""));
    try (var server = TidemarkServer.start(folder, sync.config())) {
      // When
      var refused = sync.run("t");
      // Then
      assertThat(refused.exitCode()).as(refused.err()).isEqualTo(2);
      assertThat(refused.err())
          .contains("leads on this home at http://127.0.0.1:")
          .contains("`tidemark refresh TABLE --server http://127.0.0.1:");
      assertThat(server.process().isAlive()).isTrue();
    }
  }

  @Test
  void duplicateKeysInTheSourceFailWithASampleAndLeaveTheTargetAlone() throws Exception {
    // Given
    sync.adopt("t", ROWS);
    Databases.execute(
        sync.databases.source,
        "ALTER TABLE public.t DROP CONSTRAINT t_pkey",
        "INSERT INTO public.t VALUES (77, 'twice')");
    sync.configure(LEASE, Map.of("t", "key: [id]"));
    var before = sync.targetRows("t");
    // When
    var failed = sync.run("t", "--json");
    // Then
    assertThat(failed.exitCode()).as(failed.err()).isEqualTo(1);
    assertThat(failed.view().error().code().name()).isEqualTo("SOURCE_KEY_DUPLICATE");
    assertThat(failed.err()).contains("77");
    assertThat(sync.targetRows("t")).isEqualTo(before);
  }

  @Test
  void aSourceThatDoesNotAnswerIsOneLineAndNoSecretIsEverShown() throws Exception {
    // Given
    var yaml =
        """
        home: "%s"
        meta: {barrier-interval: 100ms, lease: 2s}
        tables:
          - name: t
            source:
              type: postgres
              url: "postgresql://postgres:in-the-url-7531@localhost:%d/%s"
              password: "${env:SHOP_PASSWORD}"
              table: public.t
            target: public.t
        """;
    var secrets = Map.of("SHOP_PASSWORD", "in-the-environment-8642");
    var source = sync.databases.sourceAddress;
    var homeAddress = source.withDatabase(sync.databases.homeAddress.database());
    var home = homeAddress.url().replace("postgres@", "postgres:in-the-home-9753@");
    // When
    sync.write(yaml.formatted(home, freePort(), source.database()));
    var unreachable = sync.run(secrets, "t", "--json");
    var verbose = sync.run(secrets, "--verbose", "t");
    sync.write(yaml.formatted(home, source.port(), source.database()));
    var done = sync.run(secrets, "--verbose", "t", "--json");
    // Then
    assertThat(unreachable.exitCode()).as(unreachable.err()).isEqualTo(2);
    assertThat(unreachable.json().path("code").asText()).isEqualTo("SOURCE_UNREACHABLE");
    assertThat(unreachable.err().lines().filter(line -> line.startsWith("tidemark: "))).hasSize(1);
    assertThat(unreachable.err().lines()).as("with a remedy").hasSize(2);
    assertThat(verbose.exitCode()).isEqualTo(2);
    assertThat(done.exitCode()).as(done.err()).isZero();
    for (var ended : new SyncCommands.Ended[] {unreachable, verbose, done}) {
      assertThat(ended.out() + ended.err())
          .doesNotContain("in-the-url-7531", "in-the-environment-8642", "in-the-home-9753");
    }
  }

  private static void assertDone(
      SyncCommands.Ended ended, long inserted, long updated, long deleted) throws Exception {
    assertThat(ended.exitCode()).as(ended.err()).isZero();
    RefreshView view = ended.view();
    assertThat(view.state()).isEqualTo(RefreshState.SUCCEEDED);
    assertThat(view.rows().inserted()).isEqualTo(inserted);
    assertThat(view.rows().updated()).isEqualTo(updated);
    assertThat(view.rows().deleted()).isEqualTo(deleted);
    assertThat(ended.err()).doesNotContain("WARN", "ERROR");
  }

  /** Nobody listens there. */
  private static int freePort() throws Exception {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
