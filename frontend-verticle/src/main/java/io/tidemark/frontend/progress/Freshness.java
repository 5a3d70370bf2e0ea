package io.tidemark.frontend.progress;

import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RefreshView;
import java.util.Comparator;

/**
 * Which of two views of one refresh is older. News and reads of Postgres reach a frontend in any
 * order; term, epoch and percent of a refresh never go back.
 */
final class Freshness {
  private static final Comparator<RefreshView> AGE =
      Comparator.comparingLong(RefreshView::term)
          .thenComparingLong(RefreshView::epoch)
          .thenComparingDouble(RefreshView::percent)
          .thenComparingInt(view -> rank(view.state()));

  private Freshness() {}

  /** Whether a view tells less than what is known already. */
  static boolean isStale(RefreshView view, RefreshView known) {
    return AGE.compare(view, known) < 0;
  }

  private static int rank(RefreshState state) {
    return switch (state) {
      case REFRESHING -> 0;
      case AWAITING_APPROVAL -> 1;
      case FINISHING -> 2;
      case SUCCEEDED, FAILED, CANCELLED, REJECTED -> 3;
    };
  }
}
