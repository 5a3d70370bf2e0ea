package io.tidemark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RowCounts;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever breaks on the way: no false delete, nothing twice, nothing read again. */
class SafetyTest {
  private static final int ROWS = 20_000;

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
  @CsvSource({
    "true, false, false",
    "false, true, false",
    "true, true, false",
    "true, false, true",
    "false, true, true",
    "true, true, true"
  })
  void terminatedConnectionsAreReplacedAndNothingIsDoneTwice(
      boolean source, boolean home, boolean progressive) throws Exception {
    // Given
    fixture.differing();
    if (progressive) {
      fixture.progressive();
    }
    var id = fixture.request();
    // When
    var cuts = new int[1];
    var end =
        fixture.leader.lead(
            id,
            () -> {
              if (fixture.completed(id) >= 4L * (cuts[0] + 1) && cuts[0] < 3) {
                cuts[0]++;
                if (source) {
                  RefreshFixture.terminate(fixture.databases.source);
                }
                if (home) {
                  RefreshFixture.terminate(fixture.databases.home);
                }
              }
            },
            8_000);
    // Then
    assertThat(end).as(() -> "" + fixture.leader.failure(id)).isEqualTo(RefreshState.SUCCEEDED);
    assertThat(cuts[0]).isPositive();
    assertThat(fixture.counts(id)).isEqualTo(RefreshFixture.DIFFERENCES);
    assertThat(fixture.homeValue("SELECT count(*) FROM tidemark.delta_" + id)).isEqualTo("3400");
    fixture.assertEqual();
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(ROWS, 0, 0, 0));
  }

  @ParameterizedTest
  @CsvSource({
    "true, ALTER TABLE public.t DROP COLUMN pad",
    "true, DROP TABLE public.t",
    "false, ALTER TABLE public.t DROP COLUMN pad",
    "false, DROP TABLE public.t"
  })
  void aPlanThatFitsNoLongerIsSaidToBeOutdated(boolean source, String change) throws Exception {
    // Given
    fixture.differing();
    var id = fixture.request();
    var done = new AtomicBoolean();
    // When: the connections that hold locks are cut, and the table changes before they are back
    var end =
        fixture.leader.lead(
            id,
            () -> {
              if (!done.get() && fixture.completed(id) >= 2) {
                var database = source ? fixture.databases.source : fixture.databases.home;
                execute(database, "SET lock_timeout = '50ms'");
                while (!done.get()) {
                  RefreshFixture.terminate(database);
                  done.set(changed(database, change));
                }
              }
            },
            8_000);
    // Then
    assertThat(end).isEqualTo(RefreshState.FAILED);
    assertThat(fixture.leader.failure(id).orElseThrow().code()).isEqualTo(ErrorCode.PLAN_OUTDATED);
  }

  private static void execute(Connection database, String sql) throws SQLException {
    try (var statement = database.createStatement()) {
      statement.execute(sql);
    }
  }

  /** False where a lane was back already and holds its lock. */
  private static boolean changed(Connection database, String change) throws SQLException {
    try {
      execute(database, change);
      return true;
    } catch (SQLException e) {
      assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo("55P03");
      return false;
    }
  }

  @Test
  void aSourceThatFailsNearItsEndDeletesNothing() throws Exception {
    // Given: reading the row at 95 % of the key space fails, after the plan was made
    fixture.source(
        "CREATE TABLE public.base (id int PRIMARY KEY, v int NOT NULL)",
        "INSERT INTO public.base SELECT i, CASE WHEN i = 19000 THEN 0 ELSE i END FROM generate_series(1, 20000) i",
        "CREATE DOMAIN public.nn AS int NOT NULL",
        "CREATE VIEW public.t AS SELECT id::public.nn AS id, 1 / v AS v FROM public.base");
    fixture.home(
        "CREATE TABLE public.t (id int PRIMARY KEY, v int)",
        "INSERT INTO public.t SELECT i, 5 FROM generate_series(1, 40000) i");
    fixture.key("id").vnodes(1);
    // When
    var failure = fixture.refused();
    // Then
    assertThat(failure.code()).isEqualTo(ErrorCode.SOURCE_FAILED);
    assertThat(failure.message()).contains("division by zero");
    assertThat(failure.vnode()).isZero();
    assertThat(fixture.homeValue("SELECT count(*) || ' ' || sum(v) FROM public.t"))
        .isEqualTo("40000 200000");
  }

  @Test
  void aKeyThatIsNotUniqueInTheSourceEndsWithASampleAndLeavesTheTarget() throws Exception {
    // Given
    fixture.source(
        "CREATE TABLE public.t (id int NOT NULL, v text)",
        "INSERT INTO public.t SELECT i, 'v' FROM generate_series(1, 1000) i",
        "INSERT INTO public.t VALUES (77, 'again'), (78, 'v')");
    fixture.home(
        "CREATE TABLE public.t (id int PRIMARY KEY, v text)",
        "INSERT INTO public.t SELECT i, 'v' FROM generate_series(1, 1100) i");
    // When
    var failure = fixture.key("id").refused();
    // Then
    assertThat(failure.code()).isEqualTo(ErrorCode.SOURCE_KEY_DUPLICATE);
    assertThat(failure.message()).contains("(77) × 2").contains("(78) × 2");
    assertThat(fixture.homeValue("SELECT count(*) FROM public.t WHERE v = 'v'")).isEqualTo("1100");
  }

  @Test
  void anOwnerWhoseGenerationWasRaisedWritesNothing() throws Exception {
    // Given
    fixture.differing();
    var id = fixture.request();
    var raised = new AtomicBoolean();
    // When: every VNode that is owned is taken away once, as by a leader that thinks it lost
    var end =
        fixture.leader.lead(
            id,
            () -> {
              if (!raised.get() && fixture.completed(id) >= 2) {
                raised.set(true);
                fixture.leader.execute(
                    "UPDATE tidemark.refresh_progress SET owner = NULL, generation = generation + 1,"
                        + " stage = 'NORMAL' WHERE owner IS NOT NULL AND NOT is_completed");
              }
            },
            8_000);
    // Then
    assertThat(end).as(() -> "" + fixture.leader.failure(id)).isEqualTo(RefreshState.SUCCEEDED);
    assertThat(fixture.leader.report(id).orElseThrow().fencedWrites()).isPositive();
    assertThat(fixture.counts(id)).isEqualTo(RefreshFixture.DIFFERENCES);
    fixture.assertEqual();
  }

  @Test
  void aVNodeThatItsOwnExecutorForgotIsClaimedAgain() throws Exception {
    // Given: claims whose answer was lost, as good as owned by nobody
    fixture.differing();
    var id = fixture.request();
    var forgotten = new AtomicBoolean();
    // When
    var end =
        fixture.leader.lead(
            id,
            () -> {
              if (!forgotten.get()) {
                fixture.leader.execute(
                    "UPDATE tidemark.refresh_progress SET owner = 'executor-"
                        + ProcessHandle.current().pid()
                        + "' WHERE owner IS NULL AND NOT is_completed AND vnode > 12");
                forgotten.set(fixture.completed(id) > 0);
              }
            },
            20_000);
    // Then
    assertThat(end).isEqualTo(RefreshState.SUCCEEDED);
    assertThat(fixture.counts(id)).isEqualTo(RefreshFixture.DIFFERENCES);
    fixture.assertEqual();
  }
}
