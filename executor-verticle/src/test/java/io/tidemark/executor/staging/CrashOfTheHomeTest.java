package io.tidemark.executor.staging;

import static io.tidemark.executor.staging.StagedRefresh.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.home.HomeSchema;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.executor.plan.Connections;
import io.tidemark.executor.plan.RefreshPlan;
import io.tidemark.executor.plan.TwoDatabases;
import io.tidemark.executor.source.Split;
import io.tidemark.executor.source.SplitReader.Format;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What Postgres itself does to a staging table when it crashes. */
class CrashOfTheHomeTest {
  private static final long LIMIT_SECONDS = 60;

  @Test
  void aCrashEmptiesStagingAndItsMarkAlike() throws Exception {
    RefreshPlan plan;
    try (var planned = new StagedRefresh()) {
      planned.home("CREATE TABLE public.t (id int PRIMARY KEY)").columns("id int").key("id");
      plan = planned.plan();
    }
    try (var server =
        EmbeddedPostgres.builder().setServerConfig("synchronous_commit", "on").start()) {
      var address =
          new PostgresAddress(
              "localhost", server.getPort(), "postgres", "postgres", Optional.empty(), Map.of());
      HomeSchema.migrate(address);
      var staging = new StagingTable(1, plan);
      try (var home = Connections.home(address, "test")) {
        home.setAutoCommit(false);
        staging.create(home);
        staging.append(home, new Split(0, "a", "{}", 0, 0), Format.TEXT, text("1", "2"));
        home.commit();
        assertThat(staging.lost(home)).isFalse();
        crash(home);
      }
      try (var home = again(address)) {
        assertThat(staging.lost(home)).isTrue();
        assertThat(TwoDatabases.column(home, "SELECT count(*) FROM " + staging.name()))
            .containsExactly("0");
      }
    }
  }

  /** One process that is killed makes all others end, and Postgres recover. */
  private static void crash(Connection home) throws Exception {
    var process = Long.parseLong(TwoDatabases.column(home, "SELECT pg_backend_pid()").getFirst());
    var handle = ProcessHandle.of(process).orElseThrow();
    handle.destroyForcibly();
    handle.onExit().get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  private static Connection again(PostgresAddress address) throws Exception {
    var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (true) {
      try {
        return Connections.home(address, "test");
      } catch (SQLException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }
  }
}
