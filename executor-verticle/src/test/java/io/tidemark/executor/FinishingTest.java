package io.tidemark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.executor.plan.TwoDatabases;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The last transaction: all of it or nothing, once, and only by whoever holds the claim to it. */
class FinishingTest {
  private static final String STATE = "SELECT count(*) || ' ' || sum(v) FROM public.t";
  private static final int MANY_LOOKS = 50;
  private static final String FINISHES = "1";
  private static final String FINISHING =
      "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'tidemark finish%'"
          + " AND wait_event = 'PgSleep'";

  private RefreshFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture = new RefreshFixture();
    fixture.vnodes(16).differing();
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  @Test
  void finishingIsFencedByItsGeneration() throws Exception {
    // Given: the last transaction waits for a lock on the target
    var before = fixture.homeValue(STATE);
    var id = fixture.request();
    try (var other = fixture.databases.homeAddress.connect("test")) {
      other.setAutoCommit(false);
      TwoDatabases.run(other, "LOCK TABLE public.t IN SHARE ROW EXCLUSIVE MODE");
      var raised = new AtomicBoolean();
      // When: another takes the claim meanwhile, then the lock goes
      var end =
          fixture.leader.lead(
              id,
              () -> {
                if (!raised.get() && finishingWaits()) {
                  fixture.leader.execute(
                      "UPDATE tidemark.refreshes SET work_owner = 'other',"
                          + " work_generation = work_generation + 1 WHERE id = "
                          + id);
                  other.rollback();
                  raised.set(true);
                } else if (raised.get() && refused(id)) {
                  fixture.leader.execute(
                      "UPDATE tidemark.refreshes SET state = 'CANCELLED' WHERE id = " + id);
                }
              });
      // Then
      assertThat(end).isEqualTo(RefreshState.CANCELLED);
    }
    assertThat(fixture.homeValue(STATE)).isEqualTo(before);
  }

  @Test
  void aReaderNeverSeesAMixture() throws Exception {
    // Given: a reader on its own thread, and a last transaction that takes a while
    fixture.home(
        """
        CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_sleep(0.2);
          RETURN NULL;
        END $$;
        CREATE TRIGGER slow AFTER INSERT OR UPDATE OR DELETE ON public.t
          FOR EACH STATEMENT EXECUTE FUNCTION public.slow()
        """);
    var before = fixture.homeValue(STATE);
    var id = fixture.request();
    var ended = new AtomicBoolean();
    var looks = new AtomicInteger();
    var whileFinishing = new AtomicInteger();
    var reader = CompletableFuture.supplyAsync(() -> seen(id, ended, looks, whileFinishing));
    // When
    var end = fixture.leader.lead(id, () -> {}, 40_000);
    var looksWhileOn = looks.get();
    ended.set(true);
    // Then
    assertThat(end).isEqualTo(RefreshState.SUCCEEDED);
    var after = fixture.homeValue(STATE);
    assertThat(reader.get(20, TimeUnit.SECONDS)).containsOnly(before, after);
    assertThat(after).isNotEqualTo(before);
    assertThat(looksWhileOn).isGreaterThan(MANY_LOOKS);
    assertThat(whileFinishing.get()).isGreaterThan(MANY_LOOKS / 5);
  }

  @Test
  void aRecoveryThatNoEpochHasEndedEndsWithTheRefresh() throws Exception {
    // Given
    var id = fixture.request();
    fixture.leader.execute(
        "INSERT INTO tidemark.refresh_recoveries (refresh_id, cause, executor, stage,"
            + " vnodes_completed, vnodes_released, lost_at) VALUES ("
            + id
            + ", 'EXECUTOR_LOST', 'e', 'MERGING', 0, 1, now() - interval '3 seconds')");
    // When
    var end = fixture.leader.lead(id, () -> {}, 40_000);
    // Then
    assertThat(end).isEqualTo(RefreshState.SUCCEEDED);
    assertThat(
            fixture.homeValue(
                "SELECT seconds BETWEEN 3 AND 60 FROM tidemark.refresh_recoveries"
                    + " WHERE refresh_id = "
                    + id))
        .isEqualTo("t");
  }

  @Test
  void aCancelInterruptsTheLastTransaction() throws Exception {
    // Given: one that takes longer than anyone would wait
    fixture.home(
        """
        CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_sleep(600);
          RETURN NULL;
        END $$;
        CREATE TRIGGER slow AFTER INSERT OR UPDATE OR DELETE ON public.t
          FOR EACH STATEMENT EXECUTE FUNCTION public.slow()
        """);
    var before = fixture.homeValue(STATE);
    var id = fixture.request();
    // When
    var end =
        fixture.leader.lead(
            id,
            () -> {
              if (FINISHES.equals(fixture.homeValue(FINISHING))) {
                fixture.leader.execute(
                    "UPDATE tidemark.refreshes SET state = 'CANCELLED' WHERE id = " + id);
              }
            });
    fixture.leader.barrier();
    // Then: the server works on it no more
    assertThat(end).isEqualTo(RefreshState.CANCELLED);
    var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (FINISHES.equals(fixture.homeValue(FINISHING)) && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(fixture.homeValue(FINISHING)).isEqualTo("0");
    assertThat(fixture.homeValue(STATE)).isEqualTo(before);
  }

  @Test
  void aKeyThatSomeoneElseInsertedMeanwhileIsTheTargetsChange() throws Exception {
    // Given
    var id = fixture.request();
    var inserted = new AtomicBoolean();
    // When: once its VNode is compared
    var end =
        fixture.leader.lead(
            id,
            () -> {
              if (!inserted.get() && fixture.completed(id) > 8) {
                fixture.home("INSERT INTO public.t SELECT i * 20 FROM generate_series(1, 40) i");
                inserted.set(true);
              }
            },
            20_000);
    // Then
    assertThat(end).isEqualTo(RefreshState.FAILED);
    var failure = fixture.leader.failure(id).orElseThrow();
    assertThat(failure.code()).isEqualTo(ErrorCode.TARGET_CHANGED);
    assertThat(failure.message()).contains("(id)=(");
    assertThat(fixture.homeValue("SELECT count(*) FROM public.t")).isEqualTo("19040");
  }

  /** What a reader of the target sees until the refresh has ended, and once after. */
  private Set<String> seen(
      long id, AtomicBoolean ended, AtomicInteger looks, AtomicInteger whileFinishing) {
    var seen = new HashSet<String>();
    try (var reader = fixture.databases.homeAddress.connect("reader")) {
      boolean last;
      do {
        last = ended.get();
        seen.add(TwoDatabases.column(reader, STATE).getFirst());
        looks.incrementAndGet();
        var state =
            TwoDatabases.column(reader, "SELECT state FROM tidemark.refreshes WHERE id = " + id);
        if (state.getFirst().equals("FINISHING")) {
          whileFinishing.incrementAndGet();
        }
      } while (!last);
      return seen;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private boolean refused(long id) {
    return fixture.leader.report(id).filter(report -> report.fencedWrites() > 0).isPresent();
  }

  private boolean finishingWaits() throws SQLException {
    return fixture
        .homeValue(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                + " AND application_name ~ '^tidemark finish' AND wait_event_type = 'Lock'")
        .equals("1");
  }
}
