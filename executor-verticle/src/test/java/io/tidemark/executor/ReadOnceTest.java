package io.tidemark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.refresh.RefreshState;
import io.tidemark.executor.plan.TwoDatabases;
import java.sql.Connection;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** What a refresh reads, as the servers themselves have logged it. */
@Isolated("reads the servers' log")
class ReadOnceTest {
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
  void aCompletedVNodeIsReadOnceHoweverOftenConnectionsAreCut() throws Exception {
    // Given
    fixture.vnodes(16).differing();
    var atSource = StatementLog.of(fixture.databases.source);
    var atHome = StatementLog.of(fixture.databases.home);
    var id = fixture.request();
    // When: halfway, source and home cut all connections
    var completed = new AtomicReference<List<String>>(List.of());
    var end =
        fixture.leader.lead(
            id,
            () -> {
              if (completed.get().isEmpty() && fixture.completed(id) >= 6) {
                completed.set(uppers(id, "is_completed"));
                RefreshFixture.terminate(fixture.databases.source);
                RefreshFixture.terminate(fixture.databases.home);
              }
            },
            20_000);
    // Then
    assertThat(end).isEqualTo(RefreshState.SUCCEEDED);
    assertThat(completed.get()).hasSizeBetween(6, 15);
    var sourceReads = atSource.copies();
    var homeReads = atHome.copies();
    for (var upper : completed.get()) {
      assertThat(sourceReads).filteredOn(read -> ends(read, upper)).hasSize(1);
      assertThat(homeReads).filteredOn(read -> ends(read, upper)).hasSize(1);
    }
    for (var upper : uppers(id, "true")) {
      assertThat(sourceReads).filteredOn(read -> ends(read, upper)).isNotEmpty();
    }
    assertThat(sourceReads.size()).as("the cut made lanes read on").isGreaterThan(16);
    fixture.assertEqual();
  }

  /** It had claimed them together with those that it works on, and was taken for lost meanwhile. */
  @Test
  void whatWasTakenFromALaneIsNotBegunByIt() throws Exception {
    // Given: each lane claims two neighbours, the second of which waits
    fixture.vnodes(16).differing();
    var atSource = StatementLog.of(fixture.databases.source);
    var id = fixture.request();
    var taken = new AtomicReference<List<String>>(List.of());
    var before = new AtomicReference<List<String>>(List.of());
    var after = new AtomicReference<List<String>>(List.of());
    // When
    var end =
        fixture.leader.lead(
            id,
            () -> {
              if (taken.get().isEmpty()) {
                taken.set(TwoDatabases.column(fixture.databases.home, TAKE.formatted(id)));
                before.set(atSource.copies());
              } else if (after.get().isEmpty()
                  && fixture.completed(id) == 16 - taken.get().size()) {
                after.set(atSource.copies());
                fixture.home(
                    "UPDATE tidemark.refresh_progress SET owner = NULL,"
                        + " generation = generation + 1 WHERE owner = 'another'");
              }
            },
            4_000);
    // Then
    assertThat(end).isEqualTo(RefreshState.SUCCEEDED);
    assertThat(taken.get()).isNotEmpty();
    assertThat(after.get().subList(before.get().size(), after.get().size()))
        .isNotEmpty()
        .noneMatch(read -> taken.get().stream().anyMatch(upper -> ends(read, upper)));
    fixture.assertEqual();
  }

  /** The second of two that a lane has claimed, while it is in the first half of the first. */
  private static final String TAKE =
      """
      UPDATE tidemark.refresh_progress second
         SET owner = 'another', generation = second.generation + 1
        FROM tidemark.refresh_progress first
       WHERE first.refresh_id = %1$d AND second.refresh_id = %1$d
         AND first.vnode %% 2 = 0 AND second.vnode = first.vnode + 1
         AND first.owner IS NOT NULL AND NOT first.is_completed
         AND first.rows_read < first.rows_planned / 2
         AND second.owner = first.owner AND second.upper_bound IS NOT NULL
      RETURNING second.upper_bound[1]
      """;

  @Test
  void aRangeOfASimpleKeyIsFoundByTheIndexOnBothSides() throws Exception {
    fixture.source(
        "CREATE TABLE public.t (id int PRIMARY KEY, v text)",
        "INSERT INTO public.t SELECT i, 'value ' || i FROM generate_series(1, 20000) i",
        "ANALYZE public.t");
    fixture.home(
        "CREATE TABLE public.t (id bigint PRIMARY KEY, v text)",
        "INSERT INTO public.t SELECT i, 'value ' || i FROM generate_series(1, 20000) i",
        "ANALYZE public.t");
    assertIndexed();
  }

  @Test
  void aRangeOfACompositeKeyIsFoundByTheIndexOnBothSides() throws Exception {
    fixture.both(
        """
        CREATE TABLE public.t (
          v text, a text COLLATE "C", b uuid, c timestamptz, PRIMARY KEY (c, a, b));
        INSERT INTO public.t
        SELECT 'v' || i, 'a' || i % 3, md5(i::text)::uuid, '2000-01-01'::timestamptz + i / 9 * interval '1 s'
          FROM generate_series(1, 20000) i;
        ANALYZE public.t
        """);
    assertIndexed();
  }

  private void assertIndexed() throws Exception {
    var atSource = StatementLog.of(fixture.databases.source);
    var atHome = StatementLog.of(fixture.databases.home);
    fixture.vnodes(16).refresh();
    assertIndexed(fixture.databases.source, atSource);
    assertIndexed(fixture.databases.home, atHome);
  }

  /** Also the VNodes at both ends, which have one bound. */
  private static void assertIndexed(Connection database, StatementLog log) throws Exception {
    var reads = log.copies();
    assertThat(reads).hasSize(16);
    for (var read : reads) {
      var plan = String.join("\n", TwoDatabases.column(database, "EXPLAIN " + read));
      assertThat(plan).contains("Index Cond").doesNotContain("Seq Scan");
    }
  }

  private List<String> uppers(long id, String which) throws Exception {
    return TwoDatabases.column(
        fixture.databases.home,
        "SELECT upper_bound[1] FROM tidemark.refresh_progress"
            + " WHERE upper_bound IS NOT NULL AND refresh_id = %d AND %s".formatted(id, which));
  }

  private static boolean ends(String read, String upper) {
    return read.contains("<= '" + upper + "'");
  }
}
