package io.tidemark.executor;

import static org.assertj.core.api.Assertions.assertThat;

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
                "SELECT plan->'staged'->>'why' FROM tidemark.refreshes ORDER BY id DESC LIMIT 1"))
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
    fixture.source(
        "CREATE TABLE public.t (k numeric PRIMARY KEY, v text)",
        "INSERT INTO public.t SELECT i, repeat('x', 1000) FROM generate_series(1, 30000) i");
    var id = fixture.request();
    var cut = new boolean[1];
    fixture.leader.lead(
        id,
        () -> {
          if (!cut[0] && planned(id)) {
            cut[0] = true;
            // Rows change their places, and whoever knew the old ones is gone.
            fixture.source("UPDATE public.t SET v = v || '.' WHERE k < 15000");
            RefreshFixture.terminate(fixture.databases.source);
          }
        });
    assertThat(cut[0]).isTrue();
    fixture.assertEqual();
  }

  private boolean planned(long id) throws Exception {
    return TwoDatabases.column(
            fixture.databases.home,
            "SELECT (plan IS NOT NULL)::text FROM tidemark.refreshes WHERE id = " + id)
        .contains("true");
  }
}
