package io.tidemark.suite.simulation.home;

import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.RefreshProgressTable;
import io.tidemark.common.home.RefreshProgressTable.Checkpoint;
import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RowCounts;
import java.util.ArrayList;
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

  /**
   * Makes one.
   *
   * @param fences false: a mutant, which does not look at the generation
   */
  public ProgressModel(HomeModel home, RefreshModel refresh, boolean fences) {
    this.home = home;
    this.refresh = refresh;
    this.fences = fences;
  }

  /**
   * CLAIM: {@code state = 'REFRESHING' AND NOT paused AND snapshot = mine} and not lost, then
   * {@code owner IS NULL AND NOT is_completed ORDER BY vnode LIMIT n}; one that failed in this
   * attempt alone, and only where there is no other.
   */
  public List<Claim> claim(String executor, int snapshot, int limit) {
    var claims = new ArrayList<Claim>();
    if (refresh.state != RefreshState.REFRESHING
        || refresh.paused
        || refresh.snapshot != snapshot
        || home.lost.contains(executor)) {
      return claims;
    }
    for (var vnode : refresh.vnodes) {
      if (isFree(vnode) && vnode.triesIn(refresh.attempts) == 0 && claims.size() < limit) {
        claims.add(claim(executor, vnode));
      }
    }
    if (claims.isEmpty()) {
      refresh.vnodes.stream()
          .filter(this::isClaimable)
          .findFirst()
          .ifPresent(vnode -> claims.add(claim(executor, vnode)));
    }
    return claims;
  }

  private Claim claim(String executor, VNodeRow vnode) {
    vnode.owner = executor;
    vnode.generation++;
    home.journal.add(new Written.Claimed(refresh, vnode, false));
    return vnode.claim();
  }

  private static boolean isFree(VNodeRow vnode) {
    return vnode.owner == null && !vnode.completed;
  }

  private boolean isClaimable(VNodeRow vnode) {
    return isFree(vnode) && vnode.triesIn(refresh.attempts) < RefreshProgressTable.MAX_TRIES;
  }

  /** SET_ASIDE: {@code generation = mine AND NOT is_completed}. */
  public void setAside(Claim claim, ErrorReport failure, boolean forGood) {
    vnode(claim.vnode())
        .filter(vnode -> vnode.generation == claim.generation() && !vnode.completed)
        .ifPresent(
            vnode -> {
              free(vnode);
              vnode.failed(refresh.attempts, failure);
              if (forGood) {
                vnode.tries = RefreshProgressTable.MAX_TRIES;
              }
              home.counts.setAside++;
            });
  }

  /** RETAKE: {@code generation = mine AND NOT is_completed}. */
  public Optional<Claim> retake(Claim claim) {
    var vnode = vnode(claim.vnode());
    if (vnode.isEmpty() || vnode.get().generation != claim.generation() || vnode.get().completed) {
      return Optional.empty();
    }
    vnode.get().generation++;
    home.journal.add(new Written.Claimed(refresh, vnode.get(), false));
    return Optional.of(vnode.get().claim());
  }

  /** CHECKPOINT: {@code p.generation = c.generation AND p.checkpoint < c.checkpoint}. */
  public Set<Integer> checkpoint(
      String executor, List<Checkpoint> checkpoints, ToIntFunction<Checkpoint> readIn) {
    var written = new HashSet<Integer>();
    for (var each : checkpoints) {
      vnode(each.vnode())
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

  /** RELEASE: {@code generation = mine AND NOT is_completed}. */
  public void release(Claim claim) {
    vnode(claim.vnode())
        .filter(vnode -> vnode.generation == claim.generation() && !vnode.completed)
        .ifPresent(ProgressModel::free);
  }

  /** RELEASE_ALL: {@code owner = mine AND NOT is_completed}. */
  public void releaseAll(String executor) {
    for (var vnode : refresh.vnodes) {
      if (executor.equals(vnode.owner) && !vnode.completed) {
        free(vnode);
      }
    }
  }

  /** FREE: {@code owner IS NULL AND NOT is_completed}, and not tried too often in this attempt. */
  public boolean anyFree() {
    return refresh.vnodes.stream().anyMatch(this::isClaimable);
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
      free(vnode);
      vnode.rows =
          new RowCounts(
              0, applied ? vnode.rows.inserted() : 0, applied ? vnode.rows.updated() : 0, 0);
    }
    home.counts.restarts++;
    home.journal.add(new Written.Restarted(refresh));
  }

  static void free(VNodeRow vnode) {
    vnode.owner = null;
    vnode.generation++;
  }

  private Optional<VNodeRow> vnode(int vnode) {
    return vnode < refresh.vnodes.size()
        ? Optional.of(refresh.vnodes.get(vnode))
        : Optional.empty();
  }
}
