package io.tidemark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RowCounts;
import io.tidemark.executor.plan.TwoDatabases;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole refreshes of Postgres sources whose key order is in doubt. */
class StagedPostgresTest {
  private RefreshFixture fixture;

  @BeforeEach
  void start() throws Exception {
    fixture = new RefreshFixture();
  }

  @AfterEach
  void stop() throws Exception {
    fixture.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"numeric", "text COLLATE \"und-x-icu\"", "float8", "int[]"})
  void keysOfAnyTypeAreRefreshed(String type) throws Exception {
    var value = type.equals("int[]") ? "ARRAY[i]" : "(i * 1.5)::text::" + type;
    fixture.source(
        "CREATE TABLE public.t (k " + type + " PRIMARY KEY, v text)",
        "INSERT INTO public.t SELECT " + value + ", i FROM generate_series(1, 2000) i");
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(2_000, 2_000, 0, 0));
    fixture.assertEqual();
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(2_000, 0, 0, 0));
    fixture.source(
        "DELETE FROM public.t WHERE v::int % 100 = 0",
        "UPDATE public.t SET v = '-' || v WHERE v::int % 100 = 1",
        "INSERT INTO public.t SELECT " + value + ", i FROM generate_series(3001, 3005) i");
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(1_985, 5, 20, 20));
    fixture.assertEqual();
    assertThat(
            fixture.homeValue(
                "SELECT plan->>'why' FROM tidemark.refreshes ORDER BY id DESC LIMIT 1"))
        .contains("key column");
  }

  @Test
  void viewsAreRefreshed() throws Exception {
    fixture
        .source(
            "CREATE TABLE public.b (id int PRIMARY KEY, v text)",
            "INSERT INTO public.b SELECT i, i FROM generate_series(1, 100) i",
            "CREATE VIEW public.t AS SELECT id, v || '!' AS v FROM public.b")
        .key("id");
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(100, 100, 0, 0));
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(100, 0, 0, 0));
    fixture.assertEqual();
  }

  @Test
  void aSnapshotThatIsLostStartsAllSplitsAgain() throws Exception {
    // Given
    fixture.source(TABLE, ROWS);
    var id = fixture.request();
    // When
    var end =
        whileItLoads(
            id,
            () -> {
              // Rows change their places, and whoever knew the old ones is gone.
              fixture.source("UPDATE public.t SET v = v || '.' WHERE k < 15000");
              RefreshFixture.terminate(fixture.databases.source);
            });
    // Then
    assertThat(end).isEqualTo(RefreshState.SUCCEEDED);
    assertThat(recoveries(id)).isEqualTo("SNAPSHOT_LOST");
    fixture.assertEqual();
  }

  /** Whose rows would be in none of the planned splits. */
  @Test
  void aPartitionThatCameWithTheLossOfTheSnapshotEndsTheRefreshAndDeletesNothing()
      throws Exception {
    // Given
    fixture.source(
        "CREATE TABLE public.t (k numeric PRIMARY KEY, v text) PARTITION BY RANGE (k)",
        "CREATE TABLE public.t1 PARTITION OF public.t FOR VALUES FROM (0) TO (100000)",
        ROWS);
    var id = fixture.request();
    // When
    var end =
        whileItLoads(
            id,
            () -> {
              fixture.source(
                  "CREATE TABLE public.t2 (k numeric PRIMARY KEY, v text)",
                  "INSERT INTO public.t2 VALUES (100001, 'more')",
                  "ALTER TABLE public.t ATTACH PARTITION public.t2"
                      + " FOR VALUES FROM (100000) TO (200000)");
              RefreshFixture.terminate(fixture.databases.source);
            });
    // Then
    assertThat(end).isEqualTo(RefreshState.FAILED);
    assertThat(fixture.leader.failure(id).orElseThrow().code()).isEqualTo(ErrorCode.SOURCE_CHANGED);
  }

  @Test
  void aLoadThatIsLostIsReadAgainInTheSameSnapshot() throws Exception {
    // Given
    fixture.source(TABLE, ROWS);
    fixture.refresh();
    var before = fixture.digest();
    fixture.source("UPDATE public.t SET v = v || '.' WHERE k < 100");
    var after = fixture.digest();
    var id = fixture.request();
    // When
    var end =
        whileItLoads(
            id,
            () -> {
              fixture.source("DELETE FROM public.t WHERE k < 200");
              fixture.home(
                  "BEGIN",
                  "TRUNCATE tidemark.staging_" + id,
                  "DELETE FROM tidemark.staging_marks WHERE refresh_id = " + id,
                  "COMMIT");
            });
    // Then
    assertThat(end).isEqualTo(RefreshState.SUCCEEDED);
    assertThat(recoveries(id)).isEqualTo("STAGING_LOST");
    assertThat(fixture.counts(id)).isEqualTo(new RowCounts(30_000, 0, 99, 0));
    assertThat(fixture.targetDigest()).isEqualTo(after).isNotEqualTo(before);
  }

  @Test
  void aViewWhoseReadIsCutOffIsLoadedAgainInTheSameSnapshot() throws Exception {
    // Given
    var id = view();
    // When
    var end =
        whileItLoads(
            id,
            () -> {
              cutReads();
              fixture.source("DELETE FROM public.b WHERE k < 200");
            });
    // Then
    assertThat(end).isEqualTo(RefreshState.SUCCEEDED);
    assertThat(recoveries(id)).isEqualTo("STAGING_LOST");
    assertThat(fixture.homeValue("SELECT count(*) FROM public.t")).isEqualTo("30000");
  }

  @Test
  void aViewWhoseReadIsCutOffEachTimeEndsTheRefreshAndDeletesNothing() throws Exception {
    // Given
    var id = view();
    // When
    var end =
        fixture.leader.lead(
            id,
            () -> {
              if (loads(id)) {
                cutReads();
              }
            },
            20_000);
    // Then
    assertThat(end).isEqualTo(RefreshState.FAILED);
    assertThat(fixture.leader.failure(id).orElseThrow().message())
        .contains("no place at which a read that was cut off could go on", "6 times");
  }

  private long view() throws Exception {
    fixture
        .source(
            TABLE.replace("public.t", "public.b"),
            ROWS.replace("public.t", "public.b"),
            "CREATE VIEW public.t AS SELECT * FROM public.b")
        .key("k");
    return fixture.request();
  }

  /** Of the source's connections only those that read; who holds the snapshot goes on. */
  private void cutReads() throws Exception {
    TwoDatabases.column(
        fixture.databases.source,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            + " WHERE datname = current_database() AND query LIKE 'COPY%'");
  }

  private static final String TABLE = "CREATE TABLE public.t (k numeric PRIMARY KEY, v text)";
  private static final String ROWS =
      "INSERT INTO public.t SELECT i, repeat('x', 1000) FROM generate_series(1, 30000) i";

  private interface Step {
    void run() throws Exception;
  }

  /** Throttled, so that it loads when this happens. */
  private RefreshState whileItLoads(long id, Step once) throws Exception {
    var done = new boolean[1];
    var end =
        fixture.leader.lead(
            id,
            () -> {
              if (!done[0] && loads(id)) {
                done[0] = true;
                once.run();
              }
            },
            20_000);
    assertThat(done[0]).isTrue();
    return end;
  }

  private boolean loads(long id) throws Exception {
    return TwoDatabases.column(
            fixture.databases.home,
            "SELECT (rows_loaded > 0)::text FROM tidemark.refresh_splits WHERE refresh_id = " + id)
        .contains("true");
  }

  private String recoveries(long id) throws Exception {
    return fixture.homeValue(
        "SELECT string_agg(cause, ' ') FROM tidemark.refresh_recoveries WHERE refresh_id = " + id);
  }
}
