package io.tidemark.suite.simulation.home;

import io.tidemark.common.home.RefreshProgressTable.Claim;
import java.util.Optional;

/** A row of {@code tidemark.refresh_progress}. */
public final class VNodeRow extends OwnedRow {
  public final int vnode;

  /** Last key merged; one below its first key: at its start. */
  public int position;

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

  @Override
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
