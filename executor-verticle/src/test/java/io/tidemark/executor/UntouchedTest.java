package io.tidemark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.refresh.RowCounts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What did not differ is not written. */
@Isolated("measures the WAL of the whole server")
class UntouchedTest {
  private RefreshFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture = new RefreshFixture();
    fixture.vnodes(16);
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anUnchangedTableIsNeitherWrittenNorCostsWal(boolean firstLoaded) throws Exception {
    // Given: a target that was there before, or one that was loaded just now
    var create =
        new String[] {
          "CREATE TABLE public.t AS SELECT i AS id, 'value ' || i AS v FROM generate_series(1, 1000000) i",
          "ALTER TABLE public.t ADD PRIMARY KEY (id)",
          "ANALYZE public.t"
        };
    if (firstLoaded) {
      fixture.source(create);
      assertThat(fixture.refresh()).isEqualTo(new RowCounts(1_000_000, 1_000_000, 0, 0));
    } else {
      fixture.both(create);
    }
    // Autovacuum's own WAL is none of the refresh's.
    fixture.home("ALTER TABLE public.t SET (autovacuum_enabled = false)");
    // Nor is what a first reader leaves on pages. It leaves that only where the commits that loaded
    // them are flushed, and they are not at once (the server's synchronous_commit is off).
    fixture.home("CHECKPOINT");
    fixture.both("SELECT count(*) FROM public.t");
    fixture.home("CHECKPOINT", "SELECT pg_stat_force_next_flush()");
    var writes =
        "SELECT n_tup_ins || ' ' || n_tup_upd || ' ' || n_tup_del FROM pg_stat_user_tables"
            + " WHERE schemaname = 'public' AND relname = 't'";
    var before = fixture.homeValue("SELECT pg_current_wal_lsn()");
    var written = fixture.homeValue(writes);
    // When
    var counts = fixture.refresh();
    // Then
    assertThat(counts).isEqualTo(new RowCounts(1_000_000, 0, 0, 0));
    var wal =
        fixture.homeValue("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '" + before + "')::bigint");
    assertThat(Long.parseLong(wal)).isLessThan(1 << 20);
    assertThat(fixture.homeValue(writes)).isEqualTo(written);
  }
}
