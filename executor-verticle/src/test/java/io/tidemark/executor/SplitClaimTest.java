package io.tidemark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.PlannedSplit;
import io.tidemark.common.home.RefreshProgressTable;
import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.common.home.RefreshSplitsTable;
import io.tidemark.common.home.RefreshSplitsTable.Checkpoint;
import io.tidemark.common.home.RefreshWork;
import io.tidemark.common.home.StagedWork;
import io.tidemark.common.home.VNodeRange;
import io.tidemark.common.refresh.LoadReport;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Splits are owned, fenced and counted as VNodes are, and nothing merges before all are loaded. */
class SplitClaimTest {
  private RefreshFixture fixture;
  private Connection home;
  private RefreshSplitsTable splits;
  private RefreshProgressTable vnodes;
  private StagedWork work;
  private long id;

  @BeforeEach
  void open() throws Exception {
    fixture = new RefreshFixture();
    home = fixture.databases.home;
    id = fixture.request();
    fixture.home("UPDATE tidemark.refreshes SET staged = true, snapshot = 1, plan = '{}'");
    splits = new RefreshSplitsTable(id);
    vnodes = new RefreshProgressTable(id);
    work = new StagedWork(id);
    splits.insert(
        home,
        IntStream.range(0, 3)
            .mapToObj(i -> new PlannedSplit(i, "f" + i, "{\"n\": " + i + "}", 10, 100))
            .toList());
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  @Test
  void aSplitGoesOnWhereItsLastCheckpointStands() throws SQLException {
    // Given
    var claim = splits.claim(home, "a", 1, 1).getFirst();
    assertThat(splits.checkpoint(home, at(claim, "line 5", false, 5))).isTrue();
    splits.release(home, claim);
    // When
    var again = splits.claim(home, "b", 1, 1).getFirst();
    // Then
    assertThat(again.vnode()).isZero();
    assertThat(again.position()).contains(List.of("line 5"));
    assertThat(again.rows().read()).isEqualTo(5);
    assertThat(again.generation()).isGreaterThan(claim.generation());
    assertThat(splits.checkpoint(home, at(claim, "line 6", false, 6))).isFalse();
    assertThat(splits.read(home, 0)).isEqualTo(new PlannedSplit(0, "f0", "{\"n\": 0}", 10, 100));
  }

  @Test
  void whatFailsAgainAndAgainIsLeftAlone() throws SQLException {
    for (var i = 0; i < RefreshProgressTable.MAX_TRIES; i++) {
      var claim =
          splits.claim(home, "a", 1, 3).stream()
              .filter(each -> each.vnode() == 0)
              .findFirst()
              .orElseThrow();
      splits.setAside(home, claim, ErrorReport.of(ErrorCode.SOURCE_FAILED, "no"), false);
      // The others are complete: what failed comes last.
      fixture.home("UPDATE tidemark.refresh_splits SET is_completed = true WHERE split > 0");
    }
    assertThat(splits.anyFree(home)).isFalse();
    assertThat(splits.claim(home, "a", 1, 3)).isEmpty();
  }

  @Test
  void vnodesAreClaimedOnlyWhenTheLoadIsFinishedAndThatOnlyWhenAllSplitsAreComplete()
      throws SQLException {
    // Given
    vnodes.insert(home, List.of(new VNodeRange(0, null, null, 10)));
    assertThat(vnodes.claim(home, "a", 1, 1)).isEmpty();
    assertThat(vnodes.anyFree(home)).isFalse();
    assertThat(work.claimLoadFinish(home, "a")).isEmpty();
    completeAll();
    // When
    var generation = work.claimLoadFinish(home, "a").orElseThrow();
    assertThat(work.claimLoadFinish(home, "b")).isEmpty();
    assertThat(work.rowsLoaded(home)).isEqualTo(30);
    assertThat(work.loadFinished(home, generation - 1, 2, LoadReport.NOTHING)).isFalse();
    assertThat(work.loadFinished(home, generation, 2, LoadReport.NOTHING)).isTrue();
    // Then
    assertThat(vnodes.claim(home, "a", 1, 1)).hasSize(1);
    assertThat(totals("stage")).isEqualTo("MERGING");
    assertThat(totals("rows_read")).isEqualTo("28");
    assertThat(totals("splits_completed")).isEqualTo("3");
    assertThat(totals("percent")).isEqualTo("50.0");
  }

  @Test
  void aLoadThatIsLostStartsAllSplitsAgainAndFencesThemAndKeepsVNodesThatAreComplete()
      throws SQLException {
    // Given
    completeAll();
    work.loadFinished(home, work.claimLoadFinish(home, "a").orElseThrow(), 0, LoadReport.NOTHING);
    vnodes.insert(
        home, List.of(new VNodeRange(0, null, null, 10), new VNodeRange(1, null, null, 10)));
    fixture.home("UPDATE tidemark.refresh_progress SET is_completed = true WHERE vnode = 0");
    var merging = vnodes.claim(home, "a", 1, 1).getFirst();
    // When
    assertThat(work.loadAgain(home, 1, "a", "MERGING", false)).isTrue();
    assertThat(work.loadAgain(home, 1, "b", "MERGING", false)).isFalse();
    // Then
    assertThat(vnodes.retake(home, merging)).isEmpty();
    assertThat(vnodes.claim(home, "a", 2, 1)).isEmpty();
    assertThat(splits.claim(home, "a", 1, 3)).isEmpty();
    assertThat(splits.claim(home, "a", 2, 3))
        .hasSize(3)
        .allMatch(claim -> claim.position().isEmpty() && claim.rows().read() == 0);
    assertThat(totals("stage")).isEqualTo("REFRESHING");
    assertThat(totals("vnodes_completed")).isEqualTo("1");
    assertThat(totals("percent")).isEqualTo("75.0");
    assertThat(
            fixture.homeValue(
                "SELECT cause || ' ' || stage || ' ' || vnodes_completed || ' ' || vnodes_released"
                    + " || ' ' || splits_released FROM tidemark.refresh_recoveries"))
        .isEqualTo("STAGING_LOST MERGING 1 1 3");
  }

  @Test
  void theEndOfALoadThatHasBegunAgainIsRefused() throws SQLException {
    // Given: claimed by who saw all splits complete, and waited for those who start them again
    completeAll();
    assertThat(work.loadAgain(home, 1, "a", "REFRESHING", false)).isTrue();
    fixture.home("UPDATE tidemark.refreshes SET work_owner = 'b'");
    var generation =
        Long.parseLong(fixture.homeValue("SELECT work_generation FROM tidemark.refreshes"));
    // When
    var finished = work.loadFinished(home, generation, 0, LoadReport.NOTHING);
    // Then
    assertThat(finished).isFalse();
    assertThat(work.isLoaded(home)).isFalse();
  }

  @Test
  void aLoadIsRestartedOnlyWhileASplitIsNotLoadedAndFencesWhoEndsIt() throws SQLException {
    // Given
    var claims = splits.claim(home, "a", 1, 3);
    splits.checkpoint(home, at(claims.getFirst(), "end", true, 10));
    // When
    assertThat(work.restartLoad(home)).isTrue();
    // Then
    assertThat(splits.checkpoint(home, at(claims.getLast(), "p", false, 5))).isFalse();
    assertThat(work.rowsLoaded(home)).isZero();
    // When
    completeAll();
    var generation = work.claimLoadFinish(home, "a").orElseThrow();
    // Then
    assertThat(work.restartLoad(home)).isFalse();
    assertThat(work.loadFinished(home, generation, 0, LoadReport.NOTHING)).isTrue();
    assertThat(work.restartLoad(home)).isFalse();
    assertThat(work.rowsLoaded(home)).isEqualTo(30);
  }

  @Test
  void whoHoldsTheSourcesSnapshotHoldsItForTheNextLoadToo() throws SQLException {
    // Given
    var refresh = new RefreshWork(id);
    var export = new RefreshWork.Export("00000003-1", "10:10: since 1");
    refresh.exported(home, 1, "a/keeper", export);
    // When
    assertThat(work.loadAgain(home, 1, "a", "REFRESHING", false)).isTrue();
    // Then
    assertThat(refresh.snapshot(home)).isEqualTo(2);
    assertThat(refresh.exports(home, 2)).containsExactly(export);
  }

  @Test
  void halfOfThePercentageIsTheLoad() throws SQLException {
    var claims = splits.claim(home, "a", 1, 3);
    splits.checkpoint(home, at(claims.getFirst(), "p", false, 5));
    splits.checkpoint(home, at(claims.getLast(), "p", true, 10));
    assertThat(totals("percent")).isEqualTo("25.0");
    assertThat(totals("executors")).isEqualTo("{a}");
  }

  private void completeAll() throws SQLException {
    for (var claim : splits.claim(home, "a", 1, 3)) {
      splits.checkpoint(home, at(claim, "end", true, 10));
    }
  }

  private static Checkpoint at(Claim claim, String position, boolean completed, long rows) {
    return new Checkpoint(
        claim, claim.checkpoint() + 1, 1, Optional.of(position), completed, rows, rows * 10);
  }

  private String totals(String column) throws SQLException {
    return fixture.homeValue("SELECT " + column + " FROM tidemark.refresh_totals");
  }
}
