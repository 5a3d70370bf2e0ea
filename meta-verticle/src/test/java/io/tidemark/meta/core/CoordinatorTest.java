package io.tidemark.meta.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.bus.Barrier;
import io.tidemark.common.bus.BarrierAck;
import io.tidemark.common.bus.Mutation;
import io.tidemark.common.config.GuardPolicy;
import io.tidemark.common.config.GuardPolicy.OnTrip;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.refresh.GuardReport;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RowCounts;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CoordinatorTest {
  private static final long SECOND = 1_000_000_000;
  private static final long SILENCE = 3 * SECOND;
  private static final long MILLI = 1_000_000;

  private LeaderState state = LeaderState.begin(7, 0, SILENCE);

  @Test
  void aRefreshThatIsNotMergedIsStartedInTheBarrier() {
    var effects = round(1 * SECOND, 1, merging());
    assertThat(barrier(effects)).isEqualTo(new Barrier(7, 1, List.of(new Mutation.Start(17, 1))));
  }

  @Test
  void aPausedRefreshIsToldToPauseWhateverElseIsTrue() {
    var effects = round(SECOND, 1, paused(merged(new RowCounts(10, 0, 0, 0))));
    assertThat(barrier(effects).mutations()).containsExactly(new Mutation.Pause(17));
    assertThat(effects).noneMatch(effect -> effect instanceof Effect.Finish);
  }

  @Test
  void aRowLimitIsSharedByTheExecutorsThatLive() {
    // Given
    acknowledge(SECOND, 1, "e1");
    acknowledge(SECOND, 1, "e2");
    // When
    var effects = round(2 * SECOND, 2, limited(merging(), 1_000));
    // Then
    assertThat(barrier(effects).mutations()).contains(new Mutation.Throttle(17, 500));
  }

  @Test
  void aMergedRefreshWithFewDeletesIsFinished() {
    var effects = round(SECOND, 1, merged(new RowCounts(1_000, 5, 5, 100)));
    assertThat(effects).contains(new Effect.Finish(17, 1, Optional.empty()));
  }

  @Test
  void tooManyDeletesAskAPerson() {
    var effects = round(SECOND, 1, merged(new RowCounts(750, 0, 0, 250)));
    assertThat(effects).anyMatch(effect -> effect instanceof Effect.AwaitApproval);
    assertThat(effects).noneMatch(effect -> effect instanceof Effect.Finish);
  }

  @Test
  void tooManyDeletesAreSkippedOrFailTheRefreshWhereTheTableSaysSo() {
    var rows = new RowCounts(750, 0, 0, 250);
    assertThat(round(SECOND, 1, onTrip(merged(rows), OnTrip.SKIP_DELETES)))
        .anyMatch(
            effect ->
                effect instanceof Effect.Finish finish
                    && finish
                        .skipped()
                        .filter(why -> why.message().contains("250 of"))
                        .isPresent());
    assertThat(round(2 * SECOND, 2, onTrip(merged(rows), OnTrip.FAIL)))
        .anyMatch(
            effect ->
                effect instanceof Effect.Fail fail
                    && fail.error().code() == ErrorCode.GUARD_TRIPPED);
  }

  @Test
  void anEmptySourceAsksAPersonHoweverFewRowsTheTargetHas() {
    var effects = round(SECOND, 1, merged(new RowCounts(0, 0, 0, 1)));
    assertThat(effects).anyMatch(effect -> effect instanceof Effect.AwaitApproval);
  }

  @Test
  void noDeleteIsJudgedBeforeAllVNodesAreMerged() {
    var half = row(RefreshState.REFRESHING, 256, 255, new RowCounts(10, 0, 0, 9_000));
    assertThat(round(SECOND, 1, half))
        .noneMatch(
            effect -> effect instanceof Effect.AwaitApproval || effect instanceof Effect.Finish);
  }

  @Test
  void aFailureOfTheCurrentAttemptFailsTheRefreshAndOneOfAnEarlierAttemptDoesNot() {
    // Given
    var failure = ErrorReport.of(ErrorCode.SOURCE_UNREACHABLE, "gone");
    acknowledge(SECOND, 1, "e1", failed(1, failure));
    // When / Then
    assertThat(round(2 * SECOND, 2, merging())).contains(new Effect.Fail(17, failure));
    assertThat(round(3 * SECOND, 3, attempt(merging(), 2)))
        .noneMatch(effect -> effect instanceof Effect.Fail);
  }

  @ParameterizedTest
  @EnumSource(names = {"SOURCE_UNREACHABLE", "HOME_UNREACHABLE"})
  void aLinkThatOneExecutorHasLostFailsTheRefreshOnlyWhereNobodyElseGoesOn(ErrorCode code) {
    // Given
    var failure = ErrorReport.of(code, "gone");
    var owned = owned(merging(), "e1");
    acknowledge(SECOND, 1, "e1", failed(1, failure));
    acknowledge(SECOND, 1, "e2");
    // When / Then: another goes on with what it had
    var others = round(2 * SECOND, 2, owned);
    assertThat(others).noneMatch(effect -> effect instanceof Effect.Fail);
    assertThat(others).anyMatch(lost("e1"));
    // When / Then: that one has lost it, too
    acknowledge(3 * SECOND, 2, "e1", failed(1, failure));
    acknowledge(3 * SECOND, 2, "e2", failed(1, failure));
    assertThat(round(3 * SECOND, 3, owned)).contains(new Effect.Fail(17, failure));
  }

  @Test
  void whatIsWrongWithTheSourceItselfFailsTheRefreshWhoeverElseGoesOn() {
    // Given
    var failure = ErrorReport.of(ErrorCode.SOURCE_FAILED, "no");
    acknowledge(SECOND, 1, "e1", failed(1, failure));
    acknowledge(SECOND, 1, "e2");
    // When / Then
    assertThat(round(2 * SECOND, 2, merging())).contains(new Effect.Fail(17, failure));
  }

  @Test
  void whoTriesAgainToReachTheHomeIsReleasedAndWhoTriesToReachTheSourceGivesBackItself() {
    // Given
    var owned = owned(merging(), "e1");
    var home = retrying(ErrorReport.of(ErrorCode.HOME_UNREACHABLE, "gone"));
    var source = retrying(ErrorReport.of(ErrorCode.SOURCE_UNREACHABLE, "gone"));
    // When / Then: there is nobody else
    acknowledge(SECOND, 1, "e1", home);
    assertThat(round(SECOND, 2, owned)).noneMatch(effect -> effect instanceof Effect.Release);
    // When / Then
    acknowledge(SECOND, 2, "e2");
    assertThat(round(2 * SECOND, 3, owned))
        .anyMatch(lost("e1"))
        .noneMatch(effect -> effect instanceof Effect.Fail);
    acknowledge(2 * SECOND, 3, "e1", source);
    assertThat(round(3 * SECOND, 4, owned)).noneMatch(effect -> effect instanceof Effect.Release);
  }

  @Test
  void oneThatJoinsAndClaimsBeforeItAnswersForTheFirstTimeIsWaitedFor() {
    // Given: it has led for long
    for (var epoch = 1; epoch <= 60; epoch++) {
      round(epoch * SECOND, epoch, merging());
      acknowledge(epoch * SECOND, epoch, "e1");
    }
    // When / Then
    var owned = owned(merging(), "e9");
    assertThat(round(61 * SECOND, 61, owned)).noneMatch(lost("e9"));
    acknowledge(61 * SECOND, 61, "e1");
    acknowledge(62 * SECOND, 61, "e9");
    assertThat(round(62 * SECOND, 62, owned)).noneMatch(lost("e9"));
  }

  @Test
  void workPastTheTimeoutFailsTheRefreshRetryably() {
    var effects = round(SECOND, 1, timeout(merging(), 5_000, 5_000));
    assertThat(effects)
        .anyMatch(
            effect ->
                effect instanceof Effect.Fail fail
                    && fail.error().code() == ErrorCode.TIMEOUT
                    && fail.error().retryable());
  }

  @Test
  void anOwnerThatWasNeverHeardOfIsReleasedAfterHalfTheSilenceAndNotBefore() {
    var owned = owned(merging(), "e9");
    var first = 7 * SECOND;
    assertThat(round(first, 1, owned)).noneMatch(effect -> effect instanceof Effect.Release);
    assertThat(round(first + SILENCE / 2, 2, owned))
        .noneMatch(effect -> effect instanceof Effect.Release);
    assertThat(round(first + SILENCE / 2 + 1, 3, owned)).anyMatch(lost("e9"));
  }

  @Test
  void anOwnerThatWasNeverHeardOfButWhoseNodeTheClusterSeesIsWaitedForAsEver() {
    // Given
    state = LeaderState.begin(8, 0, SILENCE, Set.of(), Set.of("e9"));
    var owned = owned(merging(), "e9");
    round(SECOND, 1, owned);
    // When / Then
    round(2 * SECOND, 2, owned);
    assertThat(round(3 * SECOND, 3, owned)).noneMatch(effect -> effect instanceof Effect.Release);
    round(4 * SECOND, 4, owned);
    assertThat(round(5 * SECOND, 5, owned)).anyMatch(lost("e9"));
  }

  @Test
  void anOwnerThatFellSilentIsReleasedAfterTheSilenceAndNotBefore() {
    // Given
    var owned = owned(merging(), "e9");
    round(SECOND, 1, owned);
    acknowledge(SECOND, 1, "e9");
    // When / Then
    round(2 * SECOND, 2, owned);
    round(3 * SECOND, 3, owned);
    assertThat(round(SECOND + SILENCE, 4, owned))
        .noneMatch(effect -> effect instanceof Effect.Release);
    assertThat(round(SECOND + SILENCE + 1, 5, owned)).anyMatch(lost("e9"));
  }

  @Test
  void nobodyIsLostBecauseNoBarrierWasEmittedForLong() {
    // Given: both answered, then the home was away for a minute
    var owned = owned(merging(), "e9");
    round(SECOND, 1, owned);
    acknowledge(SECOND, 1, "e9");
    var back = 61 * SECOND;
    // When / Then: whoever answers the first barriers after it keeps what it owns
    assertThat(round(back, 2, owned)).noneMatch(effect -> effect instanceof Effect.Release);
    assertThat(round(back + SECOND, 3, owned))
        .noneMatch(effect -> effect instanceof Effect.Release);
    acknowledge(back + SECOND + 1, 3, "e9");
    for (var second = 2; second <= 4; second++) {
      assertThat(round(back + second * SECOND, second + 2, owned))
          .noneMatch(effect -> effect instanceof Effect.Release);
    }
    // Then: whoever does not is lost as ever
    assertThat(round(back + 5 * SECOND, 7, owned)).anyMatch(lost("e9"));
  }

  @Test
  void whoHasGoneMeanwhileIsLostSoonAfterTheHomeIsBack() {
    var owned = owned(merging(), "e9");
    round(SECOND, 1, owned);
    acknowledge(SECOND, 1, "e9");
    round(61 * SECOND, 2, owned);
    round(62 * SECOND, 3, owned);
    assertThat(round(63 * SECOND, 4, owned)).anyMatch(lost("e9"));
  }

  @Test
  void whomThisNodeHeardOfWhenItLedBeforeIsNoStranger() {
    // Given
    state = LeaderState.begin(8, 0, SILENCE, Set.of("e9"), Set.of());
    var owned = owned(merging(), "e9");
    round(SECOND, 1, owned);
    // When / Then
    round(2 * SECOND, 2, owned);
    assertThat(round(3 * SECOND, 3, owned)).noneMatch(effect -> effect instanceof Effect.Release);
    round(4 * SECOND, 4, owned);
    assertThat(round(5 * SECOND, 5, owned)).anyMatch(lost("e9"));
  }

  @Test
  void anOwnerWhoseNodeLeftIsReleasedAfterAThirdOfTheSilence() {
    // Given
    round(SECOND, 1, merging());
    acknowledge(SECOND, 1, "e9");
    var owned = owned(merging(), "e9");
    // When
    handle(new Event.NodeLeft(SECOND, "e9"));
    // Then
    assertThat(round(SECOND + SILENCE / 3, 2, owned))
        .noneMatch(effect -> effect instanceof Effect.Release);
    assertThat(round(SECOND + SILENCE / 3 + 1, 3, owned))
        .contains(new Effect.Release(17, "e9", SILENCE / 3 / MILLI));
  }

  @Test
  void aHintThatANodeLeftIsForgottenWhenItAnswers() {
    // Given
    round(SECOND, 1, merging());
    acknowledge(SECOND, 1, "e9");
    // When
    handle(new Event.NodeLeft(SECOND, "e9"));
    acknowledge(2 * SECOND, 2, "e9");
    // Then
    assertThat(round(2 * SECOND + SILENCE, 3, owned(merging(), "e9")))
        .noneMatch(effect -> effect instanceof Effect.Release);
  }

  @Test
  void aPoisonousVNodeEndsTheRefreshOnceTheOthersAreComplete() {
    var failure = ErrorReport.of(ErrorCode.SOURCE_FAILED, "division by zero");
    var trouble = new Trouble(1, Optional.of(failure), 0);
    var early = round(SECOND, 1, troubled(merging(), trouble));
    var late =
        round(
            2 * SECOND,
            2,
            troubled(row(RefreshState.REFRESHING, 256, 255, RowCounts.ZERO), trouble));

    assertThat(early).noneMatch(effect -> effect instanceof Effect.Fail);
    assertThat(late).contains(new Effect.Fail(17, failure));
  }

  @Test
  void manyPoisonousVNodesEndTheRefreshAtOnce() {
    var failure = ErrorReport.of(ErrorCode.SOURCE_FAILED, "division by zero");

    assertThat(round(SECOND, 1, troubled(merging(), new Trouble(9, Optional.of(failure), 0))))
        .contains(new Effect.Fail(17, failure));
  }

  @Test
  void aRefreshThatLosesEachPlannerFails() {
    var effects = round(SECOND, 1, troubled(merging(), new Trouble(0, Optional.empty(), 5)));

    assertThat(effects)
        .anyMatch(
            effect ->
                effect instanceof Effect.Fail fail
                    && fail.error().code() == ErrorCode.EXECUTOR_LOST);
  }

  @Test
  void aLeaderThatNobodyAnswersForLongMakesWay() {
    for (var second = 0; second <= 9; second++) {
      assertThat(round(second * SECOND, 1, merging())).doesNotContain(new Effect.MakeWay());
    }
    assertThat(round(3 * SILENCE + 1, 2, merging())).contains(new Effect.MakeWay());
    acknowledge(3 * SILENCE + 2, 2, "e1");
    assertThat(round(3 * SILENCE + 3, 3, merging())).doesNotContain(new Effect.MakeWay());
  }

  @Test
  void anExecutorThatWasLostIsWelcomeOnlyOnceItIsHeard() {
    var silent = handle(new Event.Round(SECOND, 1, List.of(merging()), Set.of("e9")));
    acknowledge(2 * SECOND, 1, "e9");
    var heard = handle(new Event.Round(2 * SECOND, 2, List.of(merging()), Set.of("e9")));

    assertThat(silent).noneMatch(effect -> effect instanceof Effect.Welcome);
    assertThat(heard).contains(new Effect.Welcome("e9"));
  }

  @Test
  void anOwnerThatAnswersKeepsWhatItOwns() {
    // Given
    acknowledge(SILENCE, 1, "e9");
    // When
    var effects = round(SILENCE + SECOND, 2, owned(merging(), "e9"));
    // Then
    assertThat(effects).noneMatch(effect -> effect instanceof Effect.Release);
  }

  @Test
  void anEpochIsCommittedWhenAllLivingExecutorsHaveAnsweredIt() {
    // Given
    acknowledge(SECOND, 1, "e1");
    acknowledge(SECOND, 1, "e2");
    round(2 * SECOND, 2, merging());
    // When
    var first = acknowledge(2 * SECOND + 5, 2, "e1");
    var second = acknowledge(2 * SECOND + 9, 2, "e2");
    // Then
    assertThat(first).isEmpty();
    assertThat(second).containsExactly(new Effect.CommitEpoch(2, 9));
  }

  @Test
  void anEpochThatSomeHaveNotAnsweredIsLateWhenTheNextBegins() {
    // Given
    acknowledge(SECOND, 1, "e1");
    round(2 * SECOND, 2, merging());
    // When
    var effects = round(3 * SECOND, 3, merging());
    // Then
    assertThat(effects).contains(new Effect.EpochLate(2));
  }

  @Test
  void anAnswerOfAnotherTermIsIgnored() {
    round(SECOND, 1, merging());
    var step =
        Coordinator.handle(
            state, new Event.Acknowledged(SECOND, new BarrierAck(6, 1, "e1", List.of())));
    assertThat(step.effects()).isEmpty();
    assertThat(step.state()).isEqualTo(state);
  }

  @Test
  void aLateAnswerNeverTakesBackANewerOne() {
    // Given
    acknowledge(SECOND, 5, "e1");
    // When
    acknowledge(SECOND, 4, "e1", failed(1, ErrorReport.of(ErrorCode.BUG, "old")));
    // Then
    assertThat(state.roll().entries().find("e1").orElseThrow().ack().epoch()).isEqualTo(5);
    assertThat(round(2 * SECOND, 6, merging())).noneMatch(effect -> effect instanceof Effect.Fail);
  }

  @Test
  void aRefreshThatIsNotActiveAnyMoreIsAnnouncedOnce() {
    // Given
    round(SECOND, 1, merging());
    // When
    var first = round(2 * SECOND, 2);
    var second = round(3 * SECOND, 3);
    // Then
    assertThat(first).contains(new Effect.Ended(17));
    assertThat(second).noneMatch(effect -> effect instanceof Effect.Ended);
  }

  @Test
  void aDefinitionThatCannotBeReadFailsItsOwnRefreshAndNoOther() {
    // Given
    var why = ErrorReport.of(ErrorCode.SECRET_MISSING, "T is not set");
    var unreadable = with(merging(), false, false, false, 1, 0, Policy.unreadable(why), Set.of());
    // When
    var effects = round(SECOND, 1, unreadable);
    // Then
    assertThat(effects).contains(new Effect.Fail(17, why));
    assertThat(effects).anyMatch(effect -> effect instanceof Effect.Emit);
  }

  @Test
  void aDryRunStopsForAPersonAlsoWhereNothingTripped() {
    var effects = round(SECOND, 1, dry(merged(new RowCounts(10, 1, 0, 0))));
    assertThat(effects)
        .anyMatch(
            effect ->
                effect instanceof Effect.AwaitApproval await
                    && await.trip().reason() == GuardReport.Reason.DRY_RUN);
  }

  @Test
  void whatAPersonApprovedIsNotAskedAgain() {
    var effects = round(SECOND, 1, approved(merged(new RowCounts(0, 0, 0, 500))));
    assertThat(effects).contains(new Effect.Finish(17, 1, Optional.empty()));
  }

  private static Predicate<Effect> lost(String executor) {
    return effect ->
        effect instanceof Effect.Release release && release.executor().equals(executor);
  }

  private List<Effect> round(long now, long epoch, RefreshRow... rows) {
    return handle(new Event.Round(now, epoch, List.of(rows)));
  }

  private List<Effect> acknowledge(
      long now, long epoch, String executor, BarrierAck.Report... reports) {
    return handle(
        new Event.Acknowledged(now, new BarrierAck(7, epoch, executor, List.of(reports))));
  }

  private List<Effect> handle(Event event) {
    var step = Coordinator.handle(state, event);
    state = step.state();
    return step.effects();
  }

  private static BarrierAck.Report failed(int attempt, ErrorReport failure) {
    return new BarrierAck.Report(17, attempt, BarrierAck.Work.FAILED, 0, 0, 0, failure);
  }

  private static BarrierAck.Report retrying(ErrorReport why) {
    return new BarrierAck.Report(17, 1, BarrierAck.Work.RETRYING, 0, 0, 0, why);
  }

  private static Barrier barrier(List<Effect> effects) {
    return effects.stream()
        .filter(Effect.Emit.class::isInstance)
        .map(effect -> ((Effect.Emit) effect).barrier())
        .findFirst()
        .orElseThrow();
  }

  private static RefreshRow merging() {
    return row(RefreshState.REFRESHING, 256, 10, RowCounts.ZERO);
  }

  private static RefreshRow merged(RowCounts rows) {
    return row(RefreshState.REFRESHING, 256, 256, rows);
  }

  private static RefreshRow row(RefreshState state, int total, int completed, RowCounts rows) {
    return new RefreshRow(
        17,
        state,
        false,
        false,
        true,
        false,
        1,
        1,
        0,
        new Policy(GuardPolicy.DEFAULT, OptionalLong.empty(), OptionalLong.empty()),
        Loading.NONE,
        total,
        completed,
        rows,
        Set.of(),
        Optional.empty(),
        Trouble.NONE);
  }

  private static RefreshRow troubled(RefreshRow r, Trouble trouble) {
    return new RefreshRow(
        r.id(),
        r.state(),
        r.paused(),
        r.dryRun(),
        r.planned(),
        r.approved(),
        r.attempt(),
        r.snapshot(),
        r.workedMillis(),
        r.policy(),
        r.loading(),
        r.total(),
        r.completed(),
        r.rows(),
        r.owners(),
        r.workOwner(),
        trouble);
  }

  private static RefreshRow paused(RefreshRow r) {
    return with(r, true, r.dryRun(), r.approved(), r.attempt(), 0, r.policy(), r.owners());
  }

  private static RefreshRow dry(RefreshRow r) {
    return with(r, r.paused(), true, r.approved(), r.attempt(), 0, r.policy(), r.owners());
  }

  private static RefreshRow approved(RefreshRow r) {
    return with(r, r.paused(), r.dryRun(), true, r.attempt(), 0, r.policy(), r.owners());
  }

  private static RefreshRow attempt(RefreshRow r, int attempt) {
    return with(r, r.paused(), r.dryRun(), r.approved(), attempt, 0, r.policy(), r.owners());
  }

  private static RefreshRow owned(RefreshRow r, String owner) {
    return with(r, r.paused(), r.dryRun(), r.approved(), r.attempt(), 0, r.policy(), Set.of(owner));
  }

  private static RefreshRow limited(RefreshRow r, long rowsPerSecond) {
    var policy =
        new Policy(GuardPolicy.DEFAULT, OptionalLong.empty(), OptionalLong.of(rowsPerSecond));
    return with(r, r.paused(), r.dryRun(), r.approved(), r.attempt(), 0, policy, r.owners());
  }

  private static RefreshRow timeout(RefreshRow r, long limitMillis, long workedMillis) {
    var policy =
        new Policy(GuardPolicy.DEFAULT, OptionalLong.of(limitMillis), OptionalLong.empty());
    return with(
        r, r.paused(), r.dryRun(), r.approved(), r.attempt(), workedMillis, policy, r.owners());
  }

  private static RefreshRow onTrip(RefreshRow r, OnTrip onTrip) {
    var policy =
        new Policy(new GuardPolicy(0.2, onTrip), OptionalLong.empty(), OptionalLong.empty());
    return with(r, r.paused(), r.dryRun(), r.approved(), r.attempt(), 0, policy, r.owners());
  }

  private static RefreshRow with(
      RefreshRow r,
      boolean paused,
      boolean dryRun,
      boolean approved,
      int attempt,
      long worked,
      Policy policy,
      Set<String> owners) {
    return new RefreshRow(
        r.id(),
        r.state(),
        paused,
        dryRun,
        r.planned(),
        approved,
        attempt,
        r.snapshot(),
        worked,
        policy,
        r.loading(),
        r.total(),
        r.completed(),
        r.rows(),
        owners,
        r.workOwner(),
        r.trouble());
  }
}
