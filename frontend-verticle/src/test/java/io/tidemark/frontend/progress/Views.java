package io.tidemark.frontend.progress;

import io.tidemark.common.refresh.Recovery;
import io.tidemark.common.refresh.RecoveryCause;
import io.tidemark.common.refresh.RefreshStage;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RefreshTrigger;
import io.tidemark.common.refresh.RefreshView;
import io.tidemark.common.refresh.RowCounts;
import io.tidemark.common.refresh.SplitCounts;
import io.tidemark.common.refresh.VNodeCounts;
import io.tidemark.common.refresh.Visibility;
import java.time.Instant;
import java.util.Collections;
import java.util.List;

/** Views of refreshes as a leader publishes them. */
final class Views {
  private Views() {}

  static RefreshView view(long id, RefreshState state, long epoch, double percent) {
    return view(id, state, epoch, percent, 0);
  }

  /** One that takes room on the wire. */
  static RefreshView view(long id, RefreshState state, long epoch, double percent, int recoveries) {
    var recovery =
        new Recovery(
            Instant.ofEpochSecond(epoch),
            RecoveryCause.EXECUTOR_LOST,
            "e1",
            RefreshStage.MERGING,
            1,
            1,
            0,
            0,
            2.5);
    List<Recovery> all = Collections.nCopies(recoveries, recovery);
    return new RefreshView(
        id,
        "t",
        state,
        RefreshStage.MERGING,
        RefreshTrigger.MANUAL,
        false,
        false,
        false,
        1,
        epoch,
        Visibility.ATOMIC,
        null,
        1,
        percent,
        null,
        SplitCounts.NONE,
        VNodeCounts.NONE,
        RowCounts.ZERO,
        0,
        0,
        all,
        null,
        null,
        null,
        null,
        Instant.EPOCH,
        null,
        null);
  }
}
