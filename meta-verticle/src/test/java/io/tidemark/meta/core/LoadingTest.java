package io.tidemark.meta.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.bus.Mutation;
import io.tidemark.common.config.GuardPolicy;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RowCounts;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a leader makes of a refresh whose source is loaded in splits. */
class LoadingTest {
  private static final long SECOND = 1_000_000_000;
  private static final RowCounts DELETES = new RowCounts(0, 0, 0, 500);

  @Test
  void theLoadIsEndedOnlyWhenAllSplitsAreDurable() {
    assertThat(mutations(refresh(new Loading(true, 4, 3, false), 0, 0)))
        .containsExactly(new Mutation.Start(17, 1));
    assertThat(mutations(refresh(new Loading(true, 4, 4, false), 0, 0)))
        .containsExactly(new Mutation.Start(17, 1), new Mutation.LoadFinish(17));
  }

  @Test
  void itIsSaidAgainWhileItMerges() {
    assertThat(mutations(refresh(new Loading(true, 4, 4, true), 8, 3)))
        .contains(new Mutation.LoadFinish(17));
  }

  @Test
  void anEmptySourceHasNothingToLoad() {
    assertThat(mutations(refresh(new Loading(true, 0, 0, false), 0, 0)))
        .contains(new Mutation.LoadFinish(17));
  }

  @Test
  void aStreamIsNeverLoaded() {
    assertThat(mutations(refresh(Loading.NONE, 8, 3))).containsExactly(new Mutation.Start(17, 1));
  }

  @Test
  void noDeleteIsJudgedWhileWhatWasStagedIsLoadedAgain() {
    var refresh = refresh(new Loading(true, 4, 1, false), 8, 8);
    assertThat(effects(refresh))
        .noneMatch(
            effect -> effect instanceof Effect.AwaitApproval || effect instanceof Effect.Finish);
    assertThat(effects(refresh(new Loading(true, 4, 4, true), 8, 8)))
        .anyMatch(effect -> effect instanceof Effect.AwaitApproval);
  }

  @Test
  void aSplitThatNobodyCanLoadFailsTheRefreshWhenTheOthersAreComplete() {
    var why = ErrorReport.of(ErrorCode.ROW_MALFORMED, "data/a.csv, line 17");
    var trouble = new Trouble(1, Optional.of(why), 0);
    assertThat(effects(refresh(new Loading(true, 4, 2, false), 0, 0, trouble)))
        .noneMatch(effect -> effect instanceof Effect.Fail);
    assertThat(effects(refresh(new Loading(true, 4, 3, false), 0, 0, trouble)))
        .contains(new Effect.Fail(17, why));
  }

  private static List<Mutation> mutations(RefreshRow refresh) {
    return effects(refresh).stream()
        .filter(Effect.Emit.class::isInstance)
        .map(Effect.Emit.class::cast)
        .findFirst()
        .orElseThrow()
        .barrier()
        .mutations();
  }

  private static List<Effect> effects(RefreshRow refresh) {
    return Coordinator.handle(
            LeaderState.begin(1, 0, 3 * SECOND), new Event.Round(SECOND, 1, List.of(refresh)))
        .effects();
  }

  private static RefreshRow refresh(Loading loading, int total, int completed) {
    return refresh(loading, total, completed, Trouble.NONE);
  }

  private static RefreshRow refresh(Loading loading, int total, int completed, Trouble trouble) {
    return new RefreshRow(
        17,
        RefreshState.REFRESHING,
        false,
        false,
        true,
        false,
        1,
        1,
        0,
        new Policy(GuardPolicy.DEFAULT, OptionalLong.empty(), OptionalLong.empty()),
        loading,
        total,
        completed,
        DELETES,
        Set.of(),
        Optional.empty(),
        trouble);
  }
}
