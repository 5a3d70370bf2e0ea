package io.tidemark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.refresh.RefreshState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A source in splits is loaded, staged and merged, and whatever is lost is loaded again. */
class StagedRefreshTest {
  @TempDir Path folder;
  private StagedFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture = new StagedFixture(folder);
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  @Test
  void aFirstLoadThenInsertsUpdatesAndDeletesThenNothing() throws Exception {
    // Given
    fixture.rows("a", 0, 500, "").rows("b", 500, 900, "").file("c");
    assertThat(fixture.refresh()).isEqualTo("900 900 0 0");
    fixture.assertEqual();
    assertThat(fixture.refresh()).isEqualTo("900 0 0 0");
    // When
    fixture.rows("a", 0, 480, "").rows("b", 500, 900, "x").rows("d", 900, 1000, "");
    // Then
    assertThat(fixture.refresh()).isEqualTo("980 100 400 20");
    fixture.assertEqual();
    assertThat(fixture.refresh()).isEqualTo("980 0 0 0");
    assertThat(
            fixture.homeValue(
                "SELECT percent || ' ' || splits_completed || '/' || splits_total"
                    + " FROM tidemark.refresh_totals ORDER BY refresh_id DESC LIMIT 1"))
        .isEqualTo("100.0 4/4");
  }

  @Test
  void progressiveGoesTheSameWay() throws Exception {
    fixture.progressive().rows("a", 0, 500, "").refresh();
    fixture.rows("a", 10, 600, "x");
    assertThat(fixture.refresh()).isEqualTo("590 100 490 10");
    fixture.assertEqual();
  }

  @Test
  void anErrorOfTheSourceInTheMiddleGoesOnAtTheLastBatchAndDoublesNothing() throws Exception {
    // Given
    fixture.rows("a", 0, 300, "").refresh();
    fixture.rows("a", 0, 400, "y").rows("b", 400, 500, "");
    var broken = new AtomicBoolean();
    fixture.observing(
        (file, line) -> {
          if (file.equals("a") && line == 200 && broken.compareAndSet(false, true)) {
            throw new SQLException("connection reset", "08006");
          }
        });
    // When
    assertThat(fixture.refresh()).isEqualTo("500 200 300 0");
    // Then
    assertThat(fixture.opened.all()).contains("a@200").doesNotContain("b@50");
    fixture.assertEqual();
  }

  @Test
  void aSourceThatChangesWhileItIsReadEndsTheRefreshAndDeletesNothing() throws Exception {
    // Given
    fixture.rows("a", 0, 300, "").rows("b", 300, 400, "").refresh();
    var changed = new AtomicBoolean();
    fixture.observing(
        (file, line) -> {
          if (file.equals("a") && line == 100 && changed.compareAndSet(false, true)) {
            try {
              Files.writeString(folder.resolve("a"), "1|short\n");
            } catch (java.io.IOException e) {
              throw new AssertionError(e);
            }
          }
        });
    // When
    var failure = fixture.refused();
    // Then
    assertThat(failure.code()).isEqualTo(ErrorCode.SOURCE_CHANGED);
    assertThat(fixture.homeValue("SELECT count(*) FROM public.t")).isEqualTo("400");
  }

  @Test
  void duplicateKeysFailTheRefreshOrAreLeftOutAsThePolicySays() throws Exception {
    fixture.file("a", "1|x", "2|y").refresh();
    fixture.file("b", "2|z", "3|w");
    assertThat(fixture.refused().code()).isEqualTo(ErrorCode.SOURCE_KEY_DUPLICATE);
    assertThat(fixture.homeValue("SELECT count(*) FROM public.t")).isEqualTo("2");
    assertThat(fixture.with("on-duplicate", "last").refresh()).isEqualTo("3 1 1 0");
    assertThat(fixture.homeValue("SELECT v FROM public.t WHERE id = 2")).isEqualTo("z");
  }

  @Test
  void aRowThatCannotBeReadNamesItsPlaceAndLeavesTheTargetAlone() throws Exception {
    fixture.rows("a", 0, 100, "").refresh();
    fixture.file("b", "100|x", "word|y");
    var failure = fixture.refused();
    assertThat(failure.code()).isEqualTo(ErrorCode.ROW_MALFORMED);
    assertThat(failure.message()).contains("b, line 2");
    assertThat(fixture.homeValue("SELECT count(*) FROM public.t")).isEqualTo("100");
  }

  @Test
  void aStagingTableThatIsLostWhileItLoadsIsLoadedAgain() throws Exception {
    // Given
    fixture.rows("a", 0, 300, "").refresh();
    fixture.rows("a", 0, 400, "y").rows("b", 400, 500, "");
    var id = fixture.request();
    var lost = new AtomicBoolean();
    fixture.observing(
        (file, line) -> {
          if (file.equals("a") && line == 200 && lost.compareAndSet(false, true)) {
            lose(id);
          }
        });
    // When
    assertThat(fixture.succeed(id, () -> {})).isEqualTo("500 200 300 0");
    // Then
    fixture.assertEqual();
    assertThat(recoveries(id)).isEqualTo("STAGING_LOST REFRESHING");
  }

  @Test
  void aRowInQuarantineIsThereOnceHoweverOftenItsSplitIsLoaded() throws Exception {
    // Given
    fixture.with("on-bad-row", "quarantine").rows("a", 0, 300, "").refresh();
    fixture.file(
        "a",
        IntStream.range(0, 400)
            .mapToObj(i -> i == 10 ? "word|x" : i + "|v" + i + "y")
            .toArray(String[]::new));
    var id = fixture.request();
    var lost = new AtomicBoolean();
    fixture.observing(
        (file, line) -> {
          if (line == 200 && lost.compareAndSet(false, true)) {
            lose(id);
          }
        });
    // When
    assertThat(fixture.succeed(id, () -> {})).isEqualTo("399 100 299 0");
    // Then
    assertThat(recoveries(id)).isEqualTo("STAGING_LOST REFRESHING");
    assertThat(
            fixture.homeValue(
                "SELECT count(*) || ' ' || (SELECT load_report ->> 'quarantined'"
                    + " FROM tidemark.refreshes WHERE id = refresh_id) FROM tidemark.quarantine"
                    + " GROUP BY refresh_id"))
        .isEqualTo("1 1");
  }

  @Test
  void twoExecutorsThatLoseEachOtherStageNothingTwice() throws Exception {
    // Given
    fixture.rows("a", 0, 300, "").refresh();
    fixture.rows("a", 0, 400, "y").rows("b", 400, 800, "");
    var id = fixture.request();
    var taken = new AtomicBoolean();
    fixture.observing(
        (file, line) -> {
          if (file.equals("a") && line == 200 && taken.compareAndSet(false, true)) {
            // As a leader does where this executor is lost.
            home(
                "UPDATE tidemark.refresh_splits SET owner = NULL, generation = generation + 1"
                    + " WHERE NOT is_completed");
          }
        });
    // When
    assertThat(fixture.succeed(id, () -> {})).isEqualTo("800 500 300 0");
    // Then
    fixture.assertEqual();
    assertThat(fixture.leader.report(id).orElseThrow().fencedWrites()).isPositive();
  }

  @Test
  void anEmptySourceIsStagedAndDeletesEverything() throws Exception {
    fixture.rows("a", 0, 50, "").refresh();
    Files.delete(folder.resolve("a"));
    var id = fixture.request();
    assertThat(fixture.leader.lead(id)).isEqualTo(RefreshState.SUCCEEDED);
    assertThat(fixture.counts(id)).isEqualTo("0 0 0 50");
  }

  /**
   * What a crash of the home leaves: all unlogged tables are empty. Marks first, as whoever appends
   * locks them: else each might wait for the other.
   */
  private void lose(long id) {
    home("TRUNCATE tidemark.staging_marks, tidemark.staging_" + id);
  }

  private void home(String sql) {
    try {
      fixture.address.connect("test crash").createStatement().execute(sql);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private String recoveries(long id) throws SQLException {
    return fixture.homeValue(
        "SELECT string_agg(cause || ' ' || stage, ', ') FROM tidemark.refresh_recoveries"
            + " WHERE refresh_id = "
            + id);
  }
}
