package io.tidemark.suite.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.suite.simulation.home.HomeModel;
import java.util.List;
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
    var counts = counted(SCHEDULES_TO_COVER);
    assertThat(seen(counts, it -> it.fenced)).as("writes that were fenced").isPositive();
    assertThat(seen(counts, it -> it.refusedFinishes)).as("stale finishers").isPositive();
    assertThat(seen(counts, it -> it.snapshotsLost)).as("snapshots lost").isPositive();
    assertThat(seen(counts, it -> it.stagingsLost)).as("stagings lost").isPositive();
    assertThat(seen(counts, it -> it.restarts)).as("strict restarts").isPositive();
    assertThat(seen(counts, it -> it.termsAfterLoss)).as("leaders lost").isPositive();
    assertThat(seen(counts, it -> it.released)).as("VNodes released").isPositive();
    assertThat(seen(counts, it -> it.failed)).as("refreshes that failed").isPositive();
    assertThat(seen(counts, it -> it.reopened)).as("refreshes resumed").isPositive();
    assertThat(seen(counts, it -> it.setAside)).as("VNodes that failed").isPositive();
    assertThat(seen(counts, it -> it.approvals)).as("approvals").isPositive();
    assertThat(seen(counts, it -> it.cancelled)).as("cancelled").isPositive();
    assertThat(seen(counts, it -> it.deletesSkipped)).as("deletes skipped").isPositive();
    assertThat(seen(counts, it -> it.unchanged)).as("unchanged").isPositive();
    assertThat(seen(counts, it -> it.succeeded)).as("succeeded").isGreaterThan(SCHEDULES_TO_COVER);
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

  private static List<HomeModel.Counts> counted(int schedules) {
    return LongStream.range(0, schedules)
        .mapToObj(seed -> Schedule.outcome(seed, Mutant.NONE).counts())
        .toList();
  }

  private static int seen(List<HomeModel.Counts> counts, ToIntFunction<HomeModel.Counts> what) {
    return counts.stream().mapToInt(what).sum();
  }
}
