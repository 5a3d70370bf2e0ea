package io.tidemark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.refresh.RowCounts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Further unique constraints hold at the end, whatever values rows swap on the way. */
class UniqueConstraintsTest {
  private static final String TABLE = "CREATE TABLE public.t (id int PRIMARY KEY, u int, v text)";

  private RefreshFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture = new RefreshFixture();
    fixture.source(TABLE, "INSERT INTO public.t SELECT i, i, 'v' FROM generate_series(1, 1000) i");
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ALTER TABLE public.t ADD UNIQUE (u)",
        "ALTER TABLE public.t ADD UNIQUE (u) DEFERRABLE INITIALLY DEFERRED",
        "CREATE UNIQUE INDEX ON public.t ((u * 2))",
        "CREATE UNIQUE INDEX ON public.t (u) WHERE v = 'v'",
        "ALTER TABLE public.t ADD EXCLUDE USING btree (u WITH =)"
      })
  void swappedAndRotatedValuesDoNotCollide(String constraint) throws Exception {
    // Given
    fixture.home(TABLE, constraint);
    fixture.refresh();
    // When: two swap, all above rotate, one is deleted and another takes its value
    fixture.source(
        "UPDATE public.t SET u = 3 - u WHERE id IN (1, 2)",
        "UPDATE public.t SET u = 501 + u % 500 WHERE id > 500",
        "DELETE FROM public.t WHERE id = 10",
        "UPDATE public.t SET u = 10 WHERE id = 11",
        "UPDATE public.t SET v = 'w' WHERE id = 12",
        "INSERT INTO public.t VALUES (2000, 11, 'new')");
    // Then
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(1000, 1, 504, 1));
    fixture.assertEqual();
  }

  @Test
  void progressiveVisibilityIsRefused() throws Exception {
    fixture.home(TABLE, "ALTER TABLE public.t ADD UNIQUE (u)").progressive();
    assertThat(fixture.refused().code()).isEqualTo(ErrorCode.VISIBILITY_REFUSED);
  }

  @Test
  void aRowThatTheTargetRefusesEndsTheRefreshAndLeavesTheTargetAsItWas() throws Exception {
    fixture.home(TABLE, "ALTER TABLE public.t ADD CHECK (u < 900)");
    assertThat(fixture.refused().code()).isEqualTo(ErrorCode.ROW_REFUSED);
    assertThat(fixture.homeValue("SELECT count(*) FROM public.t")).isEqualTo("0");
  }
}
