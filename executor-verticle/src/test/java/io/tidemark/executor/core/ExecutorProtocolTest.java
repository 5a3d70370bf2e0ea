package io.tidemark.executor.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.bus.Barrier;
import io.tidemark.common.bus.Mutation;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExecutorProtocolTest {
  private static final long MILLI = 1_000_000;

  private ExecutorState state = ExecutorState.begin();

  @Test
  void aBarrierBeginsDirectsAndIsLookedAt() {
    assertThat(heard(0, 1, 1, new Mutation.Start(17, 2)))
        .containsExactly(
            new ExecutorEffect.Advance(1),
            new ExecutorEffect.Begin(17),
            new ExecutorEffect.Direct(17, new Directive.Run(2, 0)),
            new ExecutorEffect.Look(1, 0));
  }

  @Test
  void aBarrierThatIsNotAboveTheLastOneIsNothing() {
    // Given
    heard(0, 7, 40, new Mutation.Start(17, 1));
    // When / Then
    assertThat(heard(1, 7, 40)).as("doubled").isEmpty();
    assertThat(heard(2, 7, 39)).as("late").isEmpty();
    assertThat(heard(3, 6, 99)).as("of a leader that leads no more").isEmpty();
    assertThat(state.refreshes()).containsExactly(17L);
  }

  @Test
  void whatNoBarrierNamesHasEndedAndStaysUntilItsWorkHasEnded() {
    // Given
    heard(0, 1, 1, new Mutation.Start(17, 1));
    // When
    var effects = heard(1, 1, 2);
    // Then
    assertThat(effects).contains(new ExecutorEffect.Direct(17, new Directive.End()));
    assertThat(state.refreshes()).containsExactly(17L);
    handle(new ExecutorEvent.Left(17));
    assertThat(state.refreshes()).isEmpty();
  }

  @Test
  void anAnswerWaitsForTheLanesAndThenForWhatTheyHandedOver() {
    // Given
    heard(0, 1, 1, new Mutation.Start(17, 1));
    // When / Then
    assertThat(looked(10, 1, false)).containsExactly(new ExecutorEffect.Look(1, 5));
    assertThat(looked(15, 1, true)).containsExactly(new ExecutorEffect.AwaitDurable(1, 1));
    assertThat(handle(new ExecutorEvent.Durable(1, 1)))
        .containsExactly(new ExecutorEffect.Answer(1, 1));
  }

  @Test
  void lanesThatWaitForASilentServerHoldItUpForABoundedTimeHoweverManyBarriersCome() {
    // Given
    heard(0, 1, 1, new Mutation.Start(17, 1));
    looked(100, 1, false);
    heard(200, 1, 2, new Mutation.Start(17, 1));
    // When / Then
    assertThat(looked(250, 1, false)).as("a newer barrier is out").isEmpty();
    assertThat(looked(299, 2, false)).containsExactly(new ExecutorEffect.Look(2, 5));
    assertThat(looked(300, 2, false)).containsExactly(new ExecutorEffect.AwaitDurable(1, 2));
  }

  @Test
  void newsRepeatTheLastAnswerWithNewerReports() {
    // Given
    heard(0, 1, 1, new Mutation.Start(17, 1));
    // When / Then
    assertThat(handle(new ExecutorEvent.Changed(17)))
        .containsExactly(new ExecutorEffect.TellLeader(17));
    looked(1, 1, true);
    handle(new ExecutorEvent.Durable(1, 1));
    assertThat(handle(new ExecutorEvent.Changed(17)))
        .containsExactly(new ExecutorEffect.TellLeader(17), new ExecutorEffect.Answer(1, 1));
  }

  @Test
  void whatStopsBeginsNothingNew() {
    // Given
    heard(0, 1, 1, new Mutation.Start(17, 1));
    // When / Then
    assertThat(handle(new ExecutorEvent.Stop()))
        .containsExactly(new ExecutorEffect.Direct(17, new Directive.End()));
    assertThat(heard(1, 1, 2, new Mutation.Start(17, 1), new Mutation.Start(18, 1)))
        .noneMatch(effect -> effect instanceof ExecutorEffect.Begin);
  }

  private List<ExecutorEffect> heard(long millis, long term, long epoch, Mutation... mutations) {
    return handle(
        new ExecutorEvent.Heard(millis * MILLI, new Barrier(term, epoch, List.of(mutations))));
  }

  private List<ExecutorEffect> looked(long millis, long epoch, boolean answered) {
    return handle(new ExecutorEvent.Looked(millis * MILLI, epoch, answered));
  }

  private List<ExecutorEffect> handle(ExecutorEvent event) {
    var step = ExecutorProtocol.handle(state, event);
    state = step.state();
    return step.effects();
  }
}
