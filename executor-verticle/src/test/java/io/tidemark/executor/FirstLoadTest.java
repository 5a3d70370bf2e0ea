package io.tidemark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.refresh.RowCounts;
import io.tidemark.executor.plan.TwoDatabases;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A target that Tidemark makes is what a user would have made from the source. */
class FirstLoadTest {
  private RefreshFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture = new RefreshFixture();
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  @Test
  void theTargetHasItsColumnsInTheSourcesOrderAndItsKeyInTheKeysOrder() throws Exception {
    // Given
    fixture.source(
        """
        CREATE TABLE public.t (
          v text, b int, gone int, "W" numeric(9, 2), a int NOT NULL, PRIMARY KEY (b, a))
        """,
        "ALTER TABLE public.t DROP COLUMN gone",
        "INSERT INTO public.t SELECT 'v' || i, i % 10, i / 3.0, i FROM generate_series(1, 100) i");
    // When
    assertThat(fixture.key("a", "b").refresh()).isEqualTo(new RowCounts(100, 100, 0, 0));
    // Then
    assertThat(columns()).containsExactly("v", "b", "W", "a");
    assertThat(
            fixture.homeValue(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
                    + " WHERE conrelid = 'public.t'::regclass AND contype = 'p'"))
        .isEqualTo("PRIMARY KEY (a, b)");
    fixture.assertEqual();
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(100, 0, 0, 0));
  }

  @Test
  void aConditionMayEndInAComment() throws Exception {
    // Given
    fixture.source(
        "CREATE TABLE public.t (v int, id int PRIMARY KEY)",
        "INSERT INTO public.t SELECT i % 4, i FROM generate_series(1, 100) i");
    fixture.where("v < 2 OR v = 3 -- not the third {fn quarter} ?");
    // When / Then
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(75, 75, 0, 0));
    fixture.source("UPDATE public.t SET v = 2 WHERE v = 3");
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(50, 0, 0, 25));
    fixture.assertEqual("SELECT * FROM public.t WHERE v < 2", "SELECT * FROM public.t");
  }

  private List<String> columns() throws Exception {
    return TwoDatabases.column(
        fixture.databases.home,
        "SELECT attname FROM pg_attribute WHERE attrelid = 'public.t'::regclass AND attnum > 0"
            + " AND NOT attisdropped ORDER BY attnum");
  }
}
