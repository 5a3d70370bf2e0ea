package io.tidemark.suite.simulation.home;

import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.RefreshProgressTable.Checkpoint;
import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.common.refresh.RowCounts;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * Mirrors {@code io.tidemark.common.home.RefreshProgressTable}, statement by statement, for one
 * refresh.
 */
public final class ProgressModel {
  private final HomeModel home;
  private final RefreshModel refresh;
  private final boolean fences;
  private final OwnedModel<VNodeRow> owned;

  /**
   * Makes one.
   *
   * @param fences false: a mutant, which does not look at the generation
   */
  public ProgressModel(HomeModel home, RefreshModel refresh, boolean fences) {
    this.home = home;
    this.refresh = refresh;
    this.fences = fences;
    this.owned =
        new OwnedModel<>(
            home,
            refresh,
            refresh.vnodes,
            () -> !refresh.staged || refresh.loaded,
            vnode -> home.journal.add(new Written.Claimed(refresh, vnode, false)));
  }

  public List<Claim> claim(String executor, int snapshot, int limit) {
    return owned.claim(executor, snapshot, limit);
  }

  public void setAside(Claim claim, ErrorReport failure, boolean forGood) {
    owned.setAside(claim, failure, forGood);
  }

  public boolean owns(Claim claim) {
    return owned.owns(claim);
  }

  public Optional<Claim> retake(Claim claim) {
    return owned.retake(claim);
  }

  /** CHECKPOINT: {@code p.generation = c.generation AND p.checkpoint < c.checkpoint}. */
  public Set<Integer> checkpoint(
      String executor, List<Checkpoint> checkpoints, ToIntFunction<Checkpoint> readIn) {
    var written = new HashSet<Integer>();
    for (var each : checkpoints) {
      owned
          .row(each.vnode())
          .filter(vnode -> !fences || vnode.generation == each.generation())
          .filter(vnode -> vnode.checkpoint < each.checkpoint())
          .ifPresent(
              vnode -> {
                home.journal.add(
                    new Written.Progress(
                        refresh, each, executor, vnode.generation, String.valueOf(vnode.owner)));
                write(vnode, each, readIn.applyAsInt(each));
                written.add(vnode.vnode);
              });
    }
    home.counts.fenced += checkpoints.size() - written.size();
    return written;
  }

  private void write(VNodeRow vnode, Checkpoint checkpoint, int snapshot) {
    var position = Keys.of(Optional.ofNullable(checkpoint.position()), vnode.start());
    for (var key = vnode.position + 1;
        key <= (checkpoint.completed() ? vnode.last() : position);
        key++) {
      refresh.mergedIn[key] = snapshot;
    }
    vnode.tries = vnode.position == position ? vnode.tries : 0;
    vnode.position = position;
    vnode.completed = checkpoint.completed();
    vnode.completedIn = checkpoint.completed() ? snapshot : 0;
    vnode.checkpoint = checkpoint.checkpoint();
    vnode.rows =
        new RowCounts(
            checkpoint.rows_read(),
            checkpoint.rows_inserted(),
            checkpoint.rows_updated(),
            checkpoint.rows_deleted());
  }

  public void release(Claim claim) {
    owned.release(claim);
  }

  public void releaseAll(String executor) {
    owned.releaseAll(executor);
  }

  public boolean anyFree() {
    return owned.anyFree();
  }

  /** INSERT, for each VNode of a plan. */
  void insertAll() {
    for (var vnode = 0; vnode < Keys.VNODES; vnode++) {
      refresh.vnodes.add(new VNodeRow(vnode));
    }
  }

  /** RESTART. */
  void restart(boolean applied) {
    for (var vnode : refresh.vnodes) {
      vnode.position = vnode.start();
      vnode.completed = false;
      vnode.completedIn = 0;
      vnode.free();
      vnode.rows =
          new RowCounts(
              0, applied ? vnode.rows.inserted() : 0, applied ? vnode.rows.updated() : 0, 0);
    }
    home.counts.restarts++;
    home.journal.add(new Written.Restarted(refresh));
  }
}
