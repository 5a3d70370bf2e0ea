package io.tidemark.suite.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.suite.simulation.home.HomeModel;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Whatever goes wrong in whatever order, all that must always hold holds. */
class SimulationTest {
  private static final int SCHEDULES = 10_000;
  private static final int SCHEDULES_TO_COVER = 300;

  /** A mutant that needs more than this is not found by chance. */
  private static final int SCHEDULES_TO_BITE = 200;

  @Test
  void noScheduleViolatesAnything() {
    assertThat(firstFailure(SCHEDULES, Mutant.NONE)).isEmpty();
  }

  @Test
  void withoutTheGenerationCheckAStaleOwnerWrites() {
    assertThat(bitten(Mutant.NO_GENERATION_CHECK)).isEqualTo("Fenced");
  }

  @Test
  void aBrokenStreamThatCountsAsEndedDeletesWhatItDidNotSend() {
    assertThat(bitten(Mutant.BROKEN_STREAM_ENDS)).isEqualTo("NoFalseDelete");
  }

  @Test
  void aRefreshThatTheFirstFinisherEndsShowsHalf() {
    assertThat(bitten(Mutant.FIRST_FINISHER_ENDS)).isEqualTo("AllOrNothing");
  }

  @Test
  void aStagingTableThatIsLostAndCountsAsWholeDeletesWhatItLacks() {
    assertThat(bitten(Mutant.STAGING_NEVER_LOST)).isIn("NoFalseDelete", "Loaded");
  }

  @Test
  void aRefreshThatEndsUnreadThoughItsTargetWasWrittenSinceLeavesAnotherTable() {
    assertThat(bitten(Mutant.UNCHANGED_UNCHECKED)).isEqualTo("Equal");
  }

  @Test
  void aFailingSeedReplaysExactlyAndTellsItsLastSteps() {
    // Given
    var failure = firstFailure(SCHEDULES_TO_BITE, Mutant.NO_GENERATION_CHECK).orElseThrow();
    // When
    var again = Schedule.run(failure.seed(), Mutant.NO_GENERATION_CHECK).orElseThrow();
    // Then
    assertThat(again.toString()).isEqualTo(failure.toString());
    assertThat(again.steps()).isNotEmpty().anyMatch(step -> step.contains("lane"));
    assertThat(Schedule.run(failure.seed(), Mutant.NONE)).isEmpty();
  }

  @Test
  void theSchedulesReachWhatTheyAreFor() {
    assertThat(seen(counts -> counts.fenced)).as("writes that were fenced").isPositive();
    assertThat(seen(counts -> counts.refusedFinishes)).as("stale finishers").isPositive();
    assertThat(seen(counts -> counts.snapshotsLost)).as("snapshots lost").isPositive();
    assertThat(seen(counts -> counts.stagingsLost)).as("stagings lost").isPositive();
    assertThat(seen(counts -> counts.restarts)).as("strict restarts").isPositive();
    assertThat(seen(counts -> counts.termsAfterLoss)).as("leaders lost").isPositive();
    assertThat(seen(counts -> counts.released)).as("VNodes released").isPositive();
    assertThat(seen(counts -> counts.failed)).as("refreshes that failed").isPositive();
    assertThat(seen(counts -> counts.reopened)).as("refreshes resumed").isPositive();
    assertThat(seen(counts -> counts.setAside)).as("VNodes that failed").isPositive();
    assertThat(seen(counts -> counts.approvals)).as("approvals").isPositive();
    assertThat(seen(counts -> counts.cancelled)).as("cancelled").isPositive();
    assertThat(seen(counts -> counts.deletesSkipped)).as("deletes skipped").isPositive();
    assertThat(seen(counts -> counts.unchanged)).as("unchanged").isPositive();
    assertThat(seen(counts -> counts.succeeded)).as("succeeded").isGreaterThan(SCHEDULES_TO_COVER);
  }

  private static String bitten(Mutant mutant) {
    return firstFailure(SCHEDULES_TO_BITE, mutant).orElseThrow().violation().invariant();
  }

  private static Optional<Schedule.Failure> firstFailure(int schedules, Mutant mutant) {
    return LongStream.range(0, schedules)
        .mapToObj(seed -> Schedule.run(seed, mutant))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static int seen(ToIntFunction<HomeModel.Counts> what) {
    return LongStream.range(0, SCHEDULES_TO_COVER)
        .mapToObj(seed -> Schedule.outcome(seed, Mutant.NONE).counts())
        .mapToInt(what)
        .sum();
  }
}
