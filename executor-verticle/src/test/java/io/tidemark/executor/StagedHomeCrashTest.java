package io.tidemark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.home.HomeSchema;
import io.tidemark.common.home.PostgresAddress;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The home's Postgres is killed, which empties what is staged: it is loaded again, no delete. */
class StagedHomeCrashTest {
  private static final long END_SECONDS = 30;

  @TempDir Path folder;
  private final CountDownLatch crashed = new CountDownLatch(1);
  private Path data;
  private EmbeddedPostgres server;
  private StagedFixture fixture;

  @BeforeEach
  void open() throws Exception {
    data = folder.resolve("postgres");
    server = durable().start();
    var address =
        new PostgresAddress(
            "localhost", server.getPort(), "postgres", "postgres", Optional.empty(), Map.of());
    HomeSchema.migrate(address);
    fixture =
        new StagedFixture(
            Files.createDirectory(folder.resolve("source")), address, () -> server.close());
    fixture.rows("a", 0, 300, "").refresh();
    fixture.rows("a", 0, 400, "y").rows("b", 400, 500, "");
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  @Test
  void whileItLoads() throws Exception {
    // Given
    var id = fixture.request();
    fixture.observing(
        (file, line) -> {
          if (file.equals("a") && line == 200) {
            awaitCrash();
          }
        });
    // When
    var counts =
        fixture.succeed(
            id,
            () -> {
              if (crashed.getCount() > 0 && loaded(id) >= 200) {
                crash();
              }
            });
    // Then
    assertThat(counts).isEqualTo("500 200 300 0");
    fixture.assertEqual();
    assertThat(recoveries(id)).isEqualTo("STAGING_LOST REFRESHING");
  }

  @Test
  void whileItMerges() throws Exception {
    // Given
    var id = fixture.request();
    var locked = new AtomicBoolean();
    // When
    var counts =
        fixture.succeed(
            id,
            () -> {
              if (!locked.get() && planned(id)) {
                // Holds up the comparisons, until the crash ends this lock too.
                var holder = fixture.address.connect("test lock");
                holder.setAutoCommit(false);
                holder
                    .createStatement()
                    .execute("LOCK TABLE tidemark.delta_" + id + " IN SHARE MODE");
                locked.set(true);
              } else if (crashed.getCount() > 0 && merging(id)) {
                crash();
              }
            });
    // Then
    assertThat(crashed.getCount()).isZero();
    assertThat(counts).isEqualTo("500 200 300 0");
    fixture.assertEqual();
    assertThat(recoveries(id)).isEqualTo("STAGING_LOST MERGING");
  }

  /** What is committed survives a crash, unlike by the default of a Postgres for tests. */
  private EmbeddedPostgres.Builder durable() {
    return EmbeddedPostgres.builder()
        .setDataDirectory(data)
        .setCleanDataDirectory(false)
        .setServerConfig("synchronous_commit", "on");
  }

  private void awaitCrash() {
    try {
      assertThat(crashed.await(END_SECONDS, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean planned(long id) throws SQLException {
    return fixture
        .homeValue("SELECT plan IS NOT NULL FROM tidemark.refreshes WHERE id = " + id)
        .equals("t");
  }

  private boolean merging(long id) throws SQLException {
    return fixture
        .homeValue(
            "SELECT count(*) > 0 FROM tidemark.refresh_progress WHERE owner IS NOT NULL"
                + " AND NOT is_completed AND refresh_id = "
                + id)
        .equals("t");
  }

  private long loaded(long id) throws SQLException {
    return Long.parseLong(
        fixture.homeValue(
            "SELECT coalesce(sum(rows_loaded), 0) FROM tidemark.refresh_splits"
                + " WHERE name = 'a' AND refresh_id = "
                + id));
  }

  private String recoveries(long id) throws SQLException {
    return fixture.homeValue(
        "SELECT string_agg(cause || ' ' || stage, ', ') FROM tidemark.refresh_recoveries"
            + " WHERE refresh_id = "
            + id);
  }

  /** SIGKILL to the postmaster and all its children, then a start at the same port. */
  private void crash() throws Exception {
    var port = server.getPort();
    var pid = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).getFirst().strip());
    var postmaster = ProcessHandle.of(pid).orElseThrow();
    var all = Stream.concat(Stream.of(postmaster), postmaster.descendants()).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    for (var process : all) {
      process.onExit().get(END_SECONDS, TimeUnit.SECONDS);
    }
    server.close();
    server = durable().setPort(port).start();
    fixture.reconnect();
    crashed.countDown();
  }
}
