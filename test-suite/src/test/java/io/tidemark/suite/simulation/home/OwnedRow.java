package io.tidemark.suite.simulation.home;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.common.refresh.RowCounts;
import org.jspecify.annotations.Nullable;

/** What rows of {@code tidemark.refresh_progress} and of {@code tidemark.refresh_splits} share. */
public abstract class OwnedRow {
  public boolean completed;
  public @Nullable String owner;
  public long generation;
  public long checkpoint;
  public int tries;
  public int triedIn;
  public @Nullable ErrorReport failure;
  public RowCounts rows = RowCounts.ZERO;

  int triesIn(int attempt) {
    return triedIn == attempt ? tries : 0;
  }

  /** Whether it is claimed last: it failed, or has lost more than one owner. */
  boolean isSuspect(int attempt) {
    var tries = triesIn(attempt);
    return tries > 1
        || (tries == 1 && failure != null && failure.code() != ErrorCode.EXECUTOR_LOST);
  }

  void failed(int attempt, ErrorReport why) {
    tries = triesIn(attempt) + 1;
    triedIn = attempt;
    failure = why;
  }

  void free() {
    owner = null;
    generation++;
  }

  boolean isFree() {
    return owner == null && !completed;
  }

  abstract Claim claim();
}
