package io.tidemark.executor.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.bus.BarrierAck.Work;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class MaterializeProtocolTest {
  private static final long SECOND = 1_000_000_000;
  private static final ErrorReport AWAY = ErrorReport.of(ErrorCode.HOME_UNREACHABLE, "away");

  private MaterializeState state = MaterializeState.begin(Duration.ofSeconds(10));

  @Test
  void aRefreshIsReadPlannedLookedAtMergedAndFlushed() {
    assertThat(directed(new Directive.Run(1, 0)))
        .containsExactly(new MaterializeEffect.Limit(0), new MaterializeEffect.Load());
    assertThat(handle(new MaterializeEvent.Loaded(true, false)))
        .containsExactly(new MaterializeEffect.Plan());
    assertThat(state.work()).isEqualTo(Work.PLANNING);
    assertThat(handle(new MaterializeEvent.Planned(true)))
        .containsExactly(new MaterializeEffect.TellChanged(), new MaterializeEffect.Look());
    assertThat(handle(new MaterializeEvent.Looked(Free.VNODES)))
        .containsExactly(new MaterializeEffect.Merge());
    assertThat(state.work()).isEqualTo(Work.MERGING);
    assertThat(handle(new MaterializeEvent.Merged()))
        .containsExactly(new MaterializeEffect.Flush());
    assertThat(handle(new MaterializeEvent.Flushed()))
        .containsExactly(new MaterializeEffect.TellChanged());
    assertThat(state.work()).isEqualTo(Work.WAITING);
  }

  @Test
  void splitsAreLoadedAndStagingIsMadeReadyOnlyWhenTheBarrierSaysThatAllAreDurable() {
    // Given
    run(1);
    handle(new MaterializeEvent.Loaded(true, true));
    assertThat(handle(new MaterializeEvent.Looked(Free.SPLITS)))
        .containsExactly(new MaterializeEffect.LoadSplits());
    assertThat(state.work()).isEqualTo(Work.LOADING);
    assertThat(handle(new MaterializeEvent.SplitsLoaded()))
        .containsExactly(new MaterializeEffect.TellChanged());
    assertThat(state.work()).isEqualTo(Work.WAITING);
    // When
    directed(new Directive.Run(1, 0));
    // Then
    assertThat(handle(new MaterializeEvent.Looked(Free.STAGING))).isEmpty();
    directed(new Directive.Run(1, 0, true));
    assertThat(handle(new MaterializeEvent.Looked(Free.STAGING)))
        .containsExactly(new MaterializeEffect.FinishLoad());
    assertThat(handle(new MaterializeEvent.LoadFinished(true)))
        .containsExactly(new MaterializeEffect.TellChanged(), new MaterializeEffect.Look());
    assertThat(handle(new MaterializeEvent.Looked(Free.VNODES)))
        .containsExactly(new MaterializeEffect.Merge());
  }

  @Test
  void whatAnotherMakesReadyIsWaitedFor() {
    // Given
    run(1);
    handle(new MaterializeEvent.Loaded(true, true));
    handle(new MaterializeEvent.Looked(Free.NOTHING));
    directed(new Directive.Run(1, 0, true));
    handle(new MaterializeEvent.Looked(Free.STAGING));
    // When / Then
    assertThat(handle(new MaterializeEvent.LoadFinished(false))).isEmpty();
    assertThat(state.work()).isEqualTo(Work.WAITING);
  }

  @Test
  void whatIsKnownOfAPlanIsNotReadAgain() {
    // Given
    run(1);
    handle(new MaterializeEvent.Loaded(true, true));
    handle(new MaterializeEvent.Looked(Free.NOTHING));
    // When / Then
    assertThat(directed(new Directive.Run(1, 0))).contains(new MaterializeEffect.Look());
    handle(new MaterializeEvent.Looked(Free.NOTHING));
    assertThat(directed(new Directive.Finish(1))).containsExactly(new MaterializeEffect.Finish());
    assertThat(state.work()).isEqualTo(Work.FINISHING);
  }

  @Test
  void nothingIsDoneForARefreshThatIsNotActive() {
    run(1);
    assertThat(handle(new MaterializeEvent.Loaded(false, false))).isEmpty();
    assertThat(state.work()).isEqualTo(Work.WAITING);
  }

  @Test
  void aPauseStopsTheLanesAndIsFollowedWhenTheStepIsOver() {
    // Given
    merging();
    // When / Then
    assertThat(directed(new Directive.Pause(0))).containsExactly(new MaterializeEffect.Stop());
    assertThat(state.mayWork()).isFalse();
    assertThat(handle(new MaterializeEvent.Merged()))
        .containsExactly(new MaterializeEffect.Flush());
    assertThat(handle(new MaterializeEvent.Flushed()))
        .containsExactly(new MaterializeEffect.TellChanged());
    assertThat(state.work()).isEqualTo(Work.WAITING);
    assertThat(state.busy()).isFalse();
  }

  @Test
  void nothingComesAfterAnEnd() {
    // Given
    merging();
    directed(new Directive.End());
    // When
    directed(new Directive.Run(2, 0));
    handle(new MaterializeEvent.Merged());
    // Then
    assertThat(handle(new MaterializeEvent.Flushed()))
        .containsExactly(new MaterializeEffect.TellChanged(), new MaterializeEffect.Leave());
  }

  @Test
  void whatAnotherConnectionCanMendIsTriedAgainForABoundedTime() {
    run(1);
    assertThat(handle(new MaterializeEvent.Failed(0, AWAY, true)))
        .containsExactly(new MaterializeEffect.Wait(100));
    assertThat(state.work()).isNotEqualTo(Work.RETRYING);
    assertThat(handle(new MaterializeEvent.Waited())).containsExactly(new MaterializeEffect.Load());
    assertThat(handle(new MaterializeEvent.Failed(9 * SECOND, AWAY, true)))
        .containsExactly(new MaterializeEffect.Wait(200));
    assertThat(state.work()).isEqualTo(Work.RETRYING);
    assertThat(state.failure()).contains(AWAY);
    handle(new MaterializeEvent.Waited());
    assertThat(handle(new MaterializeEvent.Failed(10 * SECOND, AWAY, true)))
        .containsExactly(new MaterializeEffect.TellChanged());
    assertThat(state.failure()).contains(AWAY);
    assertThat(state.work()).isEqualTo(Work.FAILED);
  }

  @Test
  void lanesThatAreCutOffAreBegunAgainForABoundedTimeSinceTheyLastGotOn() {
    // Given
    merging();
    // When / Then: it says so, and looks for work again
    assertThat(handle(new MaterializeEvent.CutOff(0, AWAY, true)))
        .containsExactly(new MaterializeEffect.Wait(100));
    assertThat(state.work()).isEqualTo(Work.RETRYING);
    assertThat(state.failure()).contains(AWAY);
    assertThat(handle(new MaterializeEvent.Waited())).containsExactly(new MaterializeEffect.Look());
    handle(new MaterializeEvent.Looked(Free.VNODES));
    assertThat(state.failure()).isEmpty();
    // When / Then: they got on meanwhile
    assertThat(handle(new MaterializeEvent.CutOff(100 * SECOND, AWAY, true)))
        .containsExactly(new MaterializeEffect.Wait(100));
    handle(new MaterializeEvent.Waited());
    handle(new MaterializeEvent.Looked(Free.VNODES));
    // When / Then: they did not
    assertThat(handle(new MaterializeEvent.CutOff(110 * SECOND, AWAY, false)))
        .containsExactly(new MaterializeEffect.TellChanged());
    assertThat(state.work()).isEqualTo(Work.FAILED);
    assertThat(directed(new Directive.Pause(0))).contains(new MaterializeEffect.Stop());
    assertThat(state.failure()).contains(AWAY);
  }

  @Test
  void whatGaveUpStaysSoUntilAHigherAttempt() {
    // Given
    run(1);
    handle(new MaterializeEvent.Failed(0, AWAY, false));
    // When / Then
    assertThat(directed(new Directive.Run(1, 0))).containsExactly(new MaterializeEffect.Limit(0));
    assertThat(state.failure()).contains(AWAY);
    assertThat(directed(new Directive.Finish(1))).isEmpty();
    assertThat(directed(new Directive.Run(2, 0))).contains(new MaterializeEffect.Load());
    assertThat(state.failure()).isEmpty();
    assertThat(state.attempt()).isEqualTo(2);
  }

  @Test
  void aWaitThatSomethingElseEndsIsNotATry() {
    // Given
    run(1);
    handle(new MaterializeEvent.Failed(0, AWAY, true));
    directed(new Directive.Pause(0));
    // When / Then
    assertThat(handle(new MaterializeEvent.Waited())).isEmpty();
    assertThat(state.failure()).isEmpty();
    assertThat(state.work()).isEqualTo(Work.WAITING);
  }

  private void merging() {
    run(1);
    handle(new MaterializeEvent.Loaded(true, true));
    handle(new MaterializeEvent.Looked(Free.VNODES));
  }

  private void run(int attempt) {
    directed(new Directive.Run(attempt, 0));
  }

  private List<MaterializeEffect> directed(Directive directive) {
    return handle(new MaterializeEvent.Directed(directive));
  }

  private List<MaterializeEffect> handle(MaterializeEvent event) {
    var step = MaterializeProtocol.handle(state, event);
    state = step.state();
    return step.effects();
  }
}
