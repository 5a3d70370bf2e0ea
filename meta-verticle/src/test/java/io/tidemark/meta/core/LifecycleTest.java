package io.tidemark.meta.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.bus.Command;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.refresh.RefreshState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LifecycleTest {
  @Test
  void onlyARefreshThatAwaitsApprovalCanBeApprovedOrRejected() {
    for (var state : RefreshState.values()) {
      var approved = Lifecycle.answer(new Command.Approve(1), state, false);
      var rejected = Lifecycle.answer(new Command.Reject(1), state, false);
      if (state == RefreshState.AWAITING_APPROVAL) {
        assertThat(approved).isEqualTo(new Lifecycle.Answer.Go(RefreshState.FINISHING));
        assertThat(rejected).isEqualTo(new Lifecycle.Answer.Go(RefreshState.REJECTED));
      } else {
        assertThat(approved).isInstanceOf(Lifecycle.Answer.Refuse.class);
        assertThat(rejected).isNotInstanceOf(Lifecycle.Answer.Go.class);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(RefreshState.class)
  void anActiveRefreshCanBeCancelledPausedAndResumedAtAnyStage(RefreshState state) {
    var cancelled = Lifecycle.answer(new Command.Cancel(1), state, false);
    var paused = Lifecycle.answer(new Command.Pause(1), state, false);
    var resumed = Lifecycle.answer(new Command.Resume(1), state, true);
    if (state.active()) {
      assertThat(cancelled).isEqualTo(new Lifecycle.Answer.Go(RefreshState.CANCELLED));
      assertThat(paused).isEqualTo(new Lifecycle.Answer.Hold(true));
      assertThat(resumed).isEqualTo(new Lifecycle.Answer.Hold(false));
    } else {
      assertThat(cancelled instanceof Lifecycle.Answer.Go).isEqualTo(state == RefreshState.FAILED);
      assertThat(paused).isInstanceOf(Lifecycle.Answer.Refuse.class);
      assertThat(resumed).isInstanceOf(Lifecycle.Answer.Refuse.class);
    }
  }

  @Test
  void aRefusalSaysTheStateAndWhatWasAsked() {
    var answer = Lifecycle.answer(new Command.Pause(12), RefreshState.SUCCEEDED, false);
    assertThat(answer)
        .isInstanceOfSatisfying(
            Lifecycle.Answer.Refuse.class,
            refuse -> {
              assertThat(refuse.error().code()).isEqualTo(ErrorCode.ILLEGAL_STATE);
              assertThat(refuse.error().message())
                  .isEqualTo("refresh 12 is SUCCEEDED and cannot be paused");
            });
  }

  @Test
  void aSecondCancelIsNoError() {
    assertThat(Lifecycle.answer(new Command.Cancel(1), RefreshState.CANCELLED, false))
        .isEqualTo(new Lifecycle.Answer.Already());
  }
}
