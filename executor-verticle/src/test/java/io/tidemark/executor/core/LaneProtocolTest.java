package io.tidemark.executor.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.common.refresh.RowCounts;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LaneProtocolTest {
  private static final long SECOND = 1_000_000_000;

  private LaneState state = LaneProtocol.begin(Duration.ofSeconds(10)).state();

  @Test
  void whatItClaimedItMergesOneAfterTheOtherAndThenClaimsAgain() {
    assertThat(claimed(claim(1, 5), claim(2, 3)))
        .containsExactly(new LaneEffect.Merge(claim(1, 5)));
    assertThat(handle(new LaneEvent.Ended(9, true))).containsExactly(new LaneEffect.Write(9, true));
    assertThat(handle(new LaneEvent.Written())).containsExactly(new LaneEffect.Merge(claim(2, 3)));
    assertThat(handle(new LaneEvent.Ended(9, false)))
        .containsExactly(new LaneEffect.HandOver(9, true));
    assertThat(handle(new LaneEvent.HandedOver())).containsExactly(new LaneEffect.ClaimSome());
    assertThat(claimed()).containsExactly(new LaneEffect.End());
  }

  @Test
  void aBarrierIsAnsweredByACheckpointAndThenItReadsOn() {
    // Given
    claimed(claim(1, 5));
    // When / Then
    assertThat(handle(new LaneEvent.Reached(7, false)))
        .containsExactly(new LaneEffect.HandOver(7, false));
    assertThat(state.answered()).isLessThan(7);
    assertThat(handle(new LaneEvent.HandedOver())).containsExactly(new LaneEffect.ReadOn());
    assertThat(state.answered()).isEqualTo(7);
  }

  @Test
  void aVNodeThatIsFencedIsLetGoAndItsStreamsAreCut() {
    // Given
    claimed(claim(1, 5), claim(2, 3));
    handle(new LaneEvent.Reached(7, true));
    // When / Then
    assertThat(handle(new LaneEvent.Fenced()))
        .containsExactly(
            new LaneEffect.CountFenced(claim(1, 5)),
            new LaneEffect.Cut(),
            new LaneEffect.Merge(claim(2, 3)));
  }

  @Test
  void anErrorInTheMiddleIsAnsweredByRetakingTheVNode() {
    // Given
    claimed(claim(1, 5));
    // When / Then
    assertThat(handle(new LaneEvent.Broken(0, true)))
        .containsExactly(new LaneEffect.Cut(), new LaneEffect.Wait(100));
    assertThat(state.answered()).as("nothing to wait for").isEqualTo(LaneState.ANY_EPOCH);
    assertThat(handle(new LaneEvent.Waited())).containsExactly(new LaneEffect.Retake(claim(1, 5)));
    assertThat(state.answered()).isZero();
    assertThat(handle(new LaneEvent.Retaken(Optional.of(claim(1, 6)))))
        .containsExactly(new LaneEffect.Merge(claim(1, 6)));
  }

  @Test
  void aVNodeThatAnotherTookIsSkippedWithoutAWord() {
    // Given
    claimed(claim(1, 5), claim(2, 3));
    handle(new LaneEvent.Broken(0, true));
    handle(new LaneEvent.Waited());
    // When / Then
    assertThat(handle(new LaneEvent.Retaken(Optional.empty())))
        .containsExactly(new LaneEffect.Merge(claim(2, 3)));
  }

  @Test
  void aClaimWhoseAnswerIsLostIsAskedForAgain() {
    handle(new LaneEvent.Broken(0, true));
    assertThat(handle(new LaneEvent.Waited())).containsExactly(new LaneEffect.ClaimSome());
  }

  @Test
  void itGivesUpWhereTryingIsNoUseOrTookTooLong() {
    // Given
    claimed(claim(1, 5));
    handle(new LaneEvent.Broken(0, true));
    handle(new LaneEvent.Waited());
    // When / Then
    var kept = state;
    assertThat(handle(new LaneEvent.Broken(SECOND, false)))
        .containsExactly(new LaneEffect.Cut(), new LaneEffect.GiveUp(false));
    state = kept;
    assertThat(handle(new LaneEvent.Broken(10 * SECOND, true)))
        .containsExactly(new LaneEffect.Cut(), new LaneEffect.GiveUp(true));
  }

  @Test
  void progressMakesTheNextFailureAFirstOne() {
    // Given
    claimed(claim(1, 5));
    handle(new LaneEvent.Broken(0, true));
    handle(new LaneEvent.Waited());
    handle(new LaneEvent.Retaken(Optional.of(claim(1, 6))));
    handle(new LaneEvent.Reached(7, false));
    handle(new LaneEvent.HandedOver());
    // When / Then
    assertThat(handle(new LaneEvent.Broken(60 * SECOND, true)))
        .containsExactly(new LaneEffect.Cut(), new LaneEffect.Wait(100));
  }

  @Test
  void aLaneThatIsStoppedCheckpointsAndGivesBackWhatItOwns() {
    // Given
    claimed(claim(1, 5), claim(2, 3));
    state = state.stop();
    // When / Then
    assertThat(handle(new LaneEvent.Reached(7, true)))
        .containsExactly(new LaneEffect.Write(7, false));
    assertThat(handle(new LaneEvent.Written()))
        .containsExactly(new LaneEffect.GiveBack(List.of(claim(1, 5), claim(2, 3))));
    assertThat(handle(new LaneEvent.GivenBack())).containsExactly(new LaneEffect.End());
  }

  @Test
  void whatBreaksWhileItStopsIsNotMended() {
    // Given
    claimed(claim(1, 5));
    state = state.stop();
    // When / Then
    assertThat(handle(new LaneEvent.Broken(0, true)))
        .containsExactly(new LaneEffect.Cut(), new LaneEffect.GiveBack(List.of(claim(1, 5))));
  }

  @Test
  void aLaneThatReadsAnOutdatedSnapshotLeavesItBeforeItEnds() {
    assertThat(handle(new LaneEvent.Claimed(List.of(), true)))
        .containsExactly(new LaneEffect.LeaveSnapshot(), new LaneEffect.ClaimSome());
  }

  private List<LaneEffect> claimed(Claim... claims) {
    return handle(new LaneEvent.Claimed(List.of(claims), false));
  }

  private List<LaneEffect> handle(LaneEvent event) {
    var step = LaneProtocol.handle(state, event);
    state = step.state();
    return step.effects();
  }

  private static Claim claim(int vnode, long generation) {
    return new Claim(
        vnode,
        generation,
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        RowCounts.ZERO,
        0);
  }
}
