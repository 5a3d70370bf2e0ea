package io.tidemark.executor.plan;

import static io.tidemark.executor.plan.TwoDatabases.stored;
import static io.tidemark.executor.plan.TwoDatabases.table;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PlannerTest {
  private TwoDatabases databases;

  @BeforeEach
  void open() throws Exception {
    databases = new TwoDatabases();
  }

  @AfterEach
  void close() throws Exception {
    databases.close();
  }

  @Test
  void anExistingTargetIsPlannedWithItsKeyFirstAndThenInItsOwnOrder() throws Exception {
    // Given
    databases.atSource("CREATE TABLE public.orders (a text, id int PRIMARY KEY, n numeric(12,3))");
    databases.atHome("CREATE TABLE public.o2 (n numeric(10,2), a text, id bigint PRIMARY KEY)");
    // When
    var plan = databases.plan(table("orders", "o2"));
    // Then
    assertThat(plan.sourceRelation()).isEqualTo("\"public\".\"orders\"");
    assertThat(plan.firstLoad()).isFalse();
    assertThat(plan.columns())
        .containsExactly(
            new PlannedColumn("id", "\"id\"::bigint", "\"id\"", "bigint", 20, "bigint", true, 2),
            new PlannedColumn(
                "n",
                "\"n\"::numeric(10,2)",
                "\"n\"",
                "numeric(10,2)",
                1700,
                "numeric(10,2)",
                false,
                0),
            new PlannedColumn("a", "\"a\"", "\"a\"", "text", 25, "text", false, 1));
    assertThat(plan.keyTypes()).containsExactly(KeyType.INT8);
    assertThat(plan.replace().any()).isFalse();
    assertThat(stored(plan)).isEqualTo(plan);
  }
}
