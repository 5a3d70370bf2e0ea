package io.tidemark.suite.simulation.home;

import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.common.refresh.RowCounts;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A row of {@code tidemark.refresh_progress}. */
public final class VNodeRow {
  public final int vnode;

  /** Last key merged; one below its first key: at its start. */
  public int position;

  public boolean completed;
  public @Nullable String owner;
  public long generation;
  public long checkpoint;
  public int tries;
  public int triedIn;
  public @Nullable ErrorReport failure;
  public RowCounts rows = RowCounts.ZERO;

  /** The snapshot that it was completed in; not a column, for {@code Skipped}. */
  public int completedIn;

  VNodeRow(int vnode) {
    this.vnode = vnode;
    this.position = start();
  }

  public int start() {
    return vnode == 0 ? -1 : Keys.last(vnode - 1);
  }

  public int last() {
    return Keys.last(vnode);
  }

  int triesIn(int attempt) {
    return triedIn == attempt ? tries : 0;
  }

  void failed(int attempt, ErrorReport why) {
    tries = triesIn(attempt) + 1;
    triedIn = attempt;
    failure = why;
  }

  Claim claim() {
    return new Claim(
        vnode,
        generation,
        checkpoint,
        Keys.text(start()),
        vnode == Keys.VNODES - 1 ? Optional.empty() : Keys.text(last()),
        position == start() ? Optional.empty() : Keys.text(position),
        rows,
        0);
  }
}
