package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.refresh.GuardReport;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RefreshView;
import io.tidemark.toxiproxy.Link;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server, its tables behind links that can be cut, and what its users ask of it over HTTP. */
class ServerTest {
  private static final int ROWS = 4_000;

  /** Of a binary COPY. */
  private static final long BYTES_A_ROW = 338;

  @TempDir Path folder;
  private final Vertx vertx = Vertx.vertx();
  private Databases databases;
  private Link sourceLink;
  private Link homeLink;

  @BeforeEach
  void open() throws Exception {
    databases = new Databases();
    sourceLink = link(databases.sourceAddress.port());
    homeLink = link(databases.homeAddress.port());
    Databases.execute(
        databases.source,
        "CREATE TABLE public.t (id bigint PRIMARY KEY, v text NOT NULL)",
        "INSERT INTO public.t SELECT i, repeat(md5(i::text), 10) FROM generate_series(1, "
            + ROWS
            + ") i");
    Databases.execute(
        databases.home,
        "CREATE TABLE public.t (id bigint PRIMARY KEY, v text NOT NULL)",
        "INSERT INTO public.t SELECT i, repeat(md5(i::text), 10) FROM generate_series(1, "
            + ROWS
            + ") i");
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
    databases.close();
  }

  @Test
  void deletesAboveTheRatioWaitForApprovalAndAreAppliedWhenApproved() throws Exception {
    // Given
    Databases.execute(databases.source, "DELETE FROM public.t WHERE id % 4 = 0");
    try (var server = TidemarkServer.start(folder, config(""))) {
      // When
      var id = server.refresh("t");
      var waiting = server.await(id, RefreshState.AWAITING_APPROVAL);
      // Then
      assertThat(waiting.guard()).isNotNull();
      assertThat(waiting.guard().reason()).isEqualTo(GuardReport.Reason.DELETE_RATIO);
      assertThat(waiting.guard().rows().deleted()).isEqualTo(ROWS / 4);
      assertThat(waiting.guard().sample()).isNotEmpty();
      assertThat(targetRows()).isEqualTo(ROWS);
      // When
      server.command("approve", id);
      server.await(id, RefreshState.SUCCEEDED);
      // Then
      assertEqual();
    }
  }

  @Test
  void anEmptySourceDeletesNothingUntilAPersonSaysSoAndRejectDiscardsIt() throws Exception {
    // Given
    Databases.execute(databases.source, "TRUNCATE public.t");
    try (var server = TidemarkServer.start(folder, config(""))) {
      // When
      var id = server.refresh("t");
      var waiting = server.await(id, RefreshState.AWAITING_APPROVAL);
      server.command("reject", id);
      // Then
      assertThat(waiting.guard().reason()).isEqualTo(GuardReport.Reason.SOURCE_EMPTY);
      assertThat(server.view(id).state()).isEqualTo(RefreshState.REJECTED);
      assertThat(targetRows()).isEqualTo(ROWS);
      Until.holds("the delta is dropped", () -> tables("delta_" + id) == 0);
      assertThat(server.send("POST", "/refreshes/" + id + "/approve").statusCode()).isEqualTo(409);
    }
  }

  @Test
  void skipDeletesAppliesAllButTheDeletes() throws Exception {
    // Given
    Databases.execute(
        databases.source,
        "DELETE FROM public.t WHERE id % 2 = 0",
        "UPDATE public.t SET v = 'new' WHERE id = 1");
    try (var server = TidemarkServer.start(folder, config("guard: {on-trip: skip-deletes}"))) {
      // When
      var id = server.refresh("t");
      server.await(id, RefreshState.SUCCEEDED);
      // Then
      assertThat(targetRows()).isEqualTo(ROWS);
      assertThat(Databases.column(databases.home, "SELECT v FROM public.t WHERE id = 1"))
          .containsExactly("new");
      assertThat(server.send("GET", "/tables/t/changes?after=0").body().lines()).hasSize(1);
    }
  }

  @Test
  void onTripFailEndsTheRefreshWithNothingApplied() throws Exception {
    // Given
    Databases.execute(databases.source, "DELETE FROM public.t WHERE id % 2 = 0");
    try (var server = TidemarkServer.start(folder, config("guard: {on-trip: fail}"))) {
      // When
      var failed = server.await(server.refresh("t"), RefreshState.FAILED);
      // Then
      assertThat(failed.error().code()).isEqualTo(ErrorCode.GUARD_TRIPPED);
      assertThat(targetRows()).isEqualTo(ROWS);
    }
  }

  @Test
  void aDryRunShowsThePlanAndAppliesNothingUntilApproved() throws Exception {
    // Given
    Databases.execute(databases.source, "UPDATE public.t SET v = 'new' WHERE id < 11");
    try (var server = TidemarkServer.start(folder, config("visibility: progressive"))) {
      // When
      var id = server.refresh("t", "?dryRun=true");
      var waiting = server.await(id, RefreshState.AWAITING_APPROVAL);
      // Then
      assertThat(waiting.dryRun()).isTrue();
      assertThat(waiting.guard().reason()).isEqualTo(GuardReport.Reason.DRY_RUN);
      assertThat(waiting.rows().updated()).isEqualTo(10);
      assertThat(Databases.number(databases.home, "SELECT count(*) FROM public.t WHERE v = 'new'"))
          .isZero();
      // When
      server.command("approve", id);
      var applied = server.await(id, RefreshState.SUCCEEDED);
      // Then
      assertThat(applied.dryRun()).isFalse();
      assertEqual();
    }
  }

  @Test
  void aPausedRefreshReadsNothingUntilItIsResumed() throws Exception {
    // Given
    editSome();
    try (var server = TidemarkServer.start(folder, config("throttle: {rows-per-second: 1500}"))) {
      var id = server.refresh("t");
      server.await(id, "reading", view -> view.vnodes().completed() > 2);
      // When
      server.command("pause", id);
      var paused = server.await(id, "paused and silent", this::isSilent);
      var read = paused.rows().read();
      var epoch = paused.epoch();
      server.await(id, "some epochs later", view -> view.epoch() > epoch + 5);
      // Then
      assertThat(server.view(id).paused()).isTrue();
      assertThat(server.view(id).rows().read()).isEqualTo(read).isLessThan(ROWS);
      // When
      server.command("resume", id);
      server.await(id, RefreshState.SUCCEEDED);
      // Then
      assertEqual();
    }
  }

  @Test
  void aCancelledRefreshLeavesTheTargetAsItWas() throws Exception {
    // Given
    editSome();
    try (var server = TidemarkServer.start(folder, config("throttle: {rows-per-second: 1500}"))) {
      var id = server.refresh("t");
      server.await(id, "reading", view -> view.vnodes().completed() > 2);
      // When
      server.command("cancel", id);
      // Then
      assertThat(server.view(id).state()).isEqualTo(RefreshState.CANCELLED);
      assertThat(
              Databases.number(databases.home, "SELECT count(*) FROM public.t WHERE v LIKE 'new%'"))
          .isZero();
      Until.holds("the delta is dropped", () -> tables("delta_" + id) == 0);
      // And the table is free for the next one
      server.await(server.refresh("t"), RefreshState.SUCCEEDED);
      assertEqual();
    }
  }

  @Test
  void aSecondRefreshOfTheSameTableIsToldWhichOneRuns() throws Exception {
    try (var server = TidemarkServer.start(folder, config("throttle: {rows-per-second: 1500}"))) {
      // Given
      var id = server.refresh("t");
      // When
      var second = server.send("POST", "/tables/t/refreshes");
      // Then
      assertThat(second.statusCode()).isEqualTo(409);
      assertThat(second.body()).contains("already refreshing (id " + id + ")");
      server.command("cancel", id);
    }
  }

  @Test
  void aTimeoutEndsARefreshAndTheNextRequestGoesOnWithIt() throws Exception {
    // Given
    editSome();
    var slow = "throttle: {rows-per-second: 600}\n    timeout: 4s";
    try (var server = TidemarkServer.start(folder, config(slow))) {
      var id = server.refresh("t");
      // When
      var failed = server.await(id, RefreshState.FAILED);
      // Then
      assertThat(failed.error().code()).isEqualTo(ErrorCode.TIMEOUT);
      assertThat(failed.error().retryable()).isTrue();
      assertThat(failed.vnodes().completed()).isBetween(1, 15);
      // When
      assertThat(server.refresh("t")).isEqualTo(id);
      // Then
      var again = server.view(id);
      assertThat(again.vnodes().skipped()).isGreaterThanOrEqualTo(failed.vnodes().completed());
      server.command("cancel", id);
    }
  }

  @Test
  void aSourceThatDiesAtTheEndOfAStreamDeletesNothingAndWhatIsMergedIsGoneOnWith()
      throws Exception {
    // Given
    editSome();
    var oneSlowStream = "vnodes: 1\n    throttle: {rows-per-second: 2000}";
    try (var server = TidemarkServer.start(folder, config(oneSlowStream))) {
      var most = ROWS * BYTES_A_ROW * 95 / 100;
      sourceLink.cutAfter(most).await(5, TimeUnit.SECONDS);
      // When
      var id = server.refresh("t");
      Until.holds("the stream dies", () -> sourceLink.bytesDownstream() >= most);
      sourceLink.cut().await(5, TimeUnit.SECONDS);
      var failed = server.await(id, RefreshState.FAILED);
      // Then
      assertThat(failed.error().code()).isEqualTo(ErrorCode.SOURCE_UNREACHABLE);
      assertThat(failed.error().hint()).isNotBlank();
      assertThat(targetRows()).isEqualTo(ROWS);
      // When
      sourceLink.heal().await(5, TimeUnit.SECONDS);
      assertThat(server.refresh("t")).isEqualTo(id);
      server.await(id, RefreshState.SUCCEEDED);
      // Then
      assertEqual();
      assertThat(server.view(id).rows().deleted())
          .isEqualTo(
              Databases.number(
                  databases.home,
                  "SELECT count(*) FROM generate_series(1, " + ROWS + ") i WHERE i % 50 = 3"));
    }
  }

  @Test
  void lanesGoOnByThemselvesAfterTheSourcesAndTheHomesConnectionsAreCut() throws Exception {
    // Given
    editSome();
    try (var server = TidemarkServer.start(folder, config("throttle: {rows-per-second: 2000}"))) {
      var id = server.refresh("t");
      for (var link : List.of(sourceLink, homeLink)) {
        var completed = completed(id);
        // When
        link.cut().await(5, TimeUnit.SECONDS);
        link.heal().await(5, TimeUnit.SECONDS);
        // Then
        Until.holds("it goes on", () -> completed(id) > completed);
      }
      server.await(id, RefreshState.SUCCEEDED);
      assertEqual();
      assertThat(server.view(id).rows().read())
          .isEqualTo(Databases.number(databases.source, "SELECT count(*) FROM public.t"));
    }
  }

  @Test
  void sigtermDrainsWithinTenSecondsAndTheNextServerGoesOn() throws Exception {
    // Given
    editSome();
    var config = config("throttle: {rows-per-second: 1500}");
    long id;
    try (var server = TidemarkServer.start(folder, config)) {
      id = server.refresh("t");
      server.await(id, "reading", view -> view.vnodes().completed() > 2);
      var begun = System.nanoTime();
      // When
      var code = server.process().terminate();
      // Then
      assertThat(code).isZero();
      assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.SECONDS.toNanos(10));
      assertThat(
              Databases.number(
                  databases.home,
                  "SELECT count(*) FROM tidemark.refresh_progress WHERE owner IS NOT NULL AND NOT is_completed"))
          .isZero();
    }
    // When
    try (var server = TidemarkServer.start(folder, config)) {
      server.await(id, RefreshState.SUCCEEDED);
      // Then
      assertThat(server.view(id).vnodes().skipped()).isGreaterThan(2);
      assertThat(server.view(id).recoveries())
          .noneMatch(recovery -> recovery.cause().name().equals("EXECUTOR_LOST"));
      assertEqual();
    }
  }

  @Test
  void healthAndMetricsTellHowItIs() throws Exception {
    try (var server = TidemarkServer.start(folder, config(""))) {
      server.await(server.refresh("t"), RefreshState.SUCCEEDED);
      assertThat(server.send("GET", "/health/live").statusCode()).isEqualTo(200);
      assertThat(server.send("GET", "/health/ready").statusCode()).isEqualTo(200);
      assertThat(server.send("GET", "/metrics").body())
          .contains(
              "tidemark_refreshes_total{result=\"SUCCEEDED\",table=\"t\"} 1.0",
              "tidemark_rows_total{op=\"read\",table=\"t\"} " + (double) ROWS,
              "tidemark_refresh_duration_seconds_count{",
              "tidemark_source_bytes_total{table=\"t\"}",
              "tidemark_barrier_latency_seconds_count",
              "tidemark_barriers_total{result=\"committed\"}",
              "tidemark_fenced_writes_total",
              "tidemark_last_success_timestamp_seconds{table=\"t\"}");
    }
  }

  private boolean isSilent(RefreshView view) {
    try {
      return view.paused()
          && Databases.number(
                  databases.source,
                  "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'tidemark %lane%'"
                      + " AND datname = current_database()")
              == 0;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private void editSome() throws Exception {
    Databases.execute(
        databases.source,
        "UPDATE public.t SET v = 'new' || v WHERE id % 50 = 1",
        "DELETE FROM public.t WHERE id % 50 = 3",
        "INSERT INTO public.t SELECT i, 'new' FROM generate_series("
            + (ROWS + 1)
            + ", "
            + (ROWS + 40)
            + ") i");
  }

  private void assertEqual() throws Exception {
    var sql = "SELECT t::text FROM public.t t ORDER BY id";
    assertThat(Databases.column(databases.home, sql))
        .isEqualTo(Databases.column(databases.source, sql));
  }

  private long targetRows() throws Exception {
    return Databases.number(databases.home, "SELECT count(*) FROM public.t");
  }

  private long completed(long id) throws Exception {
    return Databases.number(
        databases.home,
        "SELECT count(*) FROM tidemark.refresh_progress WHERE is_completed AND refresh_id = " + id);
  }

  private long tables(String name) throws Exception {
    return Databases.number(
        databases.home,
        "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname = '" + name + "'");
  }

  private Link link(int port) throws Exception {
    return Link.open(vertx, "localhost", port).await(10, TimeUnit.SECONDS);
  }

  /** A table with 16 VNodes, unless the options say otherwise. */
  private Path config(String options) throws Exception {
    return Files.writeString(
        folder.resolve("tidemark.yaml"),
        """
        home: "postgresql://postgres@localhost:%d/%s"
        meta: {barrier-interval: 100ms, lease: 2s}
        executor: {lanes: 2, retry-for: 3s, chunk-rows: 100}
        tables:
          - name: t
            source: {type: postgres, url: "postgresql://postgres@localhost:%d/%s", table: public.t}
            target: public.t
            %s
            %s
        """
            .formatted(
                homeLink.port(),
                databases.homeAddress.database(),
                sourceLink.port(),
                databases.sourceAddress.database(),
                options.contains("vnodes") ? "" : "vnodes: 16",
                options));
  }
}
