package io.tidemark.suite.simulation.home;

import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.RefreshProgressTable.Checkpoint;
import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RowCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Mirrors {@code io.tidemark.common.home.StagedWork} and {@code RefreshSplitsTable}, statement by
 * statement, and the transactions that executors make of them: {@code SplitLoad.store}, {@code
 * LoadFinishing.prepare}, {@code StagedVNodes.compare}, {@code StagingLoss.loadAgain}. Whatever
 * load it is, the version of the source is the same: the first snapshot.
 */
public final class StagedModel {
  private static final int VERSION = 1;

  private final HomeModel home;
  private final RefreshModel refresh;
  private final ProgressModel progress;
  private final OwnedModel<SplitRow> splits;
  private final boolean noticesLoss;

  /**
   * Makes one.
   *
   * @param noticesLoss false: a mutant, which takes what is left of staging for all there is
   */
  public StagedModel(
      HomeModel home, RefreshModel refresh, ProgressModel progress, boolean noticesLoss) {
    this.home = home;
    this.refresh = refresh;
    this.progress = progress;
    this.noticesLoss = noticesLoss;
    this.splits = new OwnedModel<>(home, refresh, refresh.splits, () -> !refresh.loaded, row -> {});
  }

  /** How a write to what is staged, or from it, ended. */
  public enum Outcome {
    WRITTEN,
    FENCED,
    /** Nothing was written; all splits start again, unless another saw to that. */
    STAGING_LOST
  }

  /** What an executor looks at. */
  public record Look(boolean loaded, boolean anySplit, boolean anyIncomplete, boolean anyVNode) {}

  /** StagedWay.look. */
  public Look look() {
    return new Look(
        refresh.loaded,
        splits.anyFree(),
        refresh.splits.stream().anyMatch(split -> !split.completed),
        progress.anyFree());
  }

  public int load() {
    return refresh.snapshot;
  }

  public List<Claim> claim(String executor, int load, int limit) {
    return splits.claim(executor, load, limit);
  }

  public boolean owns(Claim claim) {
    return splits.owns(claim);
  }

  public Optional<Claim> retake(Claim claim) {
    return splits.retake(claim);
  }

  public void setAside(Claim claim, ErrorReport failure, boolean forGood) {
    splits.setAside(claim, failure, forGood);
  }

  public void release(Claim claim) {
    splits.release(claim);
  }

  public void releaseAll(String executor) {
    splits.releaseAll(executor);
  }

  public boolean anyFree() {
    return splits.anyFree();
  }

  /** CHECKPOINT: {@code p.generation = c.generation AND p.checkpoint < c.checkpoint}. */
  public boolean checkpoint(
      Claim claim, long checkpoint, int position, boolean completed, long rows) {
    var row = splits.row(claim.vnode());
    if (row.isEmpty()
        || row.get().generation != claim.generation()
        || row.get().checkpoint >= checkpoint) {
      home.counts.fenced++;
      return false;
    }
    var split = row.get();
    split.tries = split.position == position ? split.tries : 0;
    split.position = position;
    split.completed = completed;
    split.checkpoint = checkpoint;
    split.rows = new RowCounts(rows, 0, 0, 0);
    return true;
  }

  /** SplitLoad.store, and where staging is lost StagingLoss.loadAgain. */
  public Outcome append(
      Claim claim, int load, long checkpoint, List<Integer> keys, int position, boolean completed) {
    if (lost()) {
      loadAgain(load);
      return Outcome.STAGING_LOST;
    }
    var before = splits.row(claim.vnode()).map(split -> split.rows.read()).orElse(0L);
    if (!checkpoint(claim, checkpoint, position, completed, before + keys.size())) {
      return Outcome.FENCED;
    }
    var content = version();
    for (var key : keys) {
      if (refresh.staging[key] != 0) {
        refresh.doubled = true;
      }
      refresh.staging[key] = content[key];
    }
    return Outcome.WRITTEN;
  }

  /** The content that the plan's version has. */
  public int[] version() {
    return refresh.contents.getOrDefault(VERSION, new int[Keys.COUNT]);
  }

  /** CLAIM_LOAD_FINISH. */
  public OptionalLong claimLoadFinish(String executor) {
    if (refresh.state != RefreshState.REFRESHING
        || refresh.paused
        || !refresh.staged
        || refresh.loaded
        || refresh.splits.stream().anyMatch(split -> !split.completed)
        || (refresh.workOwner != null && !refresh.workOwner.equals(executor))
        || home.lost.contains(executor)) {
      return OptionalLong.empty();
    }
    refresh.workOwner = executor;
    return OptionalLong.of(++refresh.workGeneration);
  }

  /** LoadFinishing.prepare, and where staging is lost StagingLoss.loadAgain. */
  public Outcome finishLoad(long generation, int load) {
    var staged = 0;
    for (var value : refresh.staging) {
      staged += value == 0 ? 0 : 1;
    }
    var loaded = refresh.splits.stream().mapToLong(split -> split.rows.read()).sum();
    if (noticesLoss && (lost() || staged != loaded)) {
      loadAgain(load);
      return Outcome.STAGING_LOST;
    }
    return loadFinished(generation) ? Outcome.WRITTEN : Outcome.FENCED;
  }

  /** LOAD_FINISHED, and the VNodes where there are none yet. */
  public boolean loadFinished(long generation) {
    if (refresh.workGeneration != generation
        || refresh.state != RefreshState.REFRESHING
        || refresh.loaded
        || refresh.splits.stream().anyMatch(split -> !split.completed)) {
      return false;
    }
    refresh.loaded = true;
    refresh.workOwner = null;
    if (refresh.vnodes.isEmpty()) {
      progress.insertAll();
    }
    home.journal.add(new Written.Loaded(refresh));
    return true;
  }

  /**
   * NEXT_LOAD, RESTART_SPLITS, RELEASE_VNODES, RESTART where the table is strict, and
   * StagingTable.clear.
   */
  public boolean loadAgain(int lost) {
    if (refresh.snapshot != lost || refresh.state != RefreshState.REFRESHING) {
      return false;
    }
    refresh.snapshot++;
    refresh.loaded = false;
    refresh.approved = false;
    refresh.workOwner = null;
    refresh.workGeneration++;
    refresh.percent = Math.max(refresh.percent, refresh.share());
    refresh.vnodesSkipped = refresh.table.strict ? 0 : refresh.completed();
    for (var split : refresh.splits) {
      split.position = -1;
      split.completed = false;
      split.rows = RowCounts.ZERO;
      split.free();
    }
    refresh.vnodes.stream().filter(vnode -> !vnode.completed).forEach(OwnedRow::free);
    if (refresh.table.strict) {
      progress.restart(refresh.progressive);
      if (refresh.progressive) {
        new DeltaModel(home, refresh).dropDeletes();
      } else {
        refresh.delta.clear();
      }
    }
    refresh.staging = new int[Keys.COUNT];
    refresh.stagingLost = false;
    refresh.recoveries++;
    home.counts.stagingsLost++;
    return true;
  }

  /** StagedVNodes.compare, and where staging is lost StagingLoss.loadAgain. */
  public Outcome compare(String executor, Claim claim, int load, long epoch) {
    if (lost()) {
      loadAgain(load);
      return Outcome.STAGING_LOST;
    }
    var chunk = new ArrayList<Difference>();
    var counts = RowCounts.ZERO;
    var vnode = refresh.vnodes.get(claim.vnode());
    for (var key = vnode.start() + 1; key <= vnode.last(); key++) {
      var left = refresh.staging[key];
      var right = refresh.table.target[key];
      counts = counts.plus(counted(left, right));
      if (left != right) {
        var op = right == 0 ? 'I' : left == 0 ? 'D' : 'U';
        chunk.add(new Difference(0, claim.vnode(), op, key, left, VERSION));
      }
    }
    var checkpoint =
        Checkpoint.of(
            claim,
            load,
            claim.checkpoint() + 1,
            epoch,
            claim.position(),
            true,
            claim.rows().plus(counts),
            0);
    var work = new WorkModel(home, refresh, progress);
    return work.writeChunk(executor, checkpoint, chunk, VERSION) ? Outcome.WRITTEN : Outcome.FENCED;
  }

  private static RowCounts counted(int left, int right) {
    var one = Keys.ROWS_PER_KEY;
    return new RowCounts(
        left == 0 ? 0 : one,
        right == 0 && left != 0 ? one : 0,
        left != 0 && right != 0 && left != right ? one : 0,
        left == 0 && right != 0 ? one : 0);
  }

  private boolean lost() {
    return noticesLoss && refresh.stagingLost;
  }

  /** What a plan makes: {@code StagedPlanning.store} without the fence. */
  static void plan(RefreshModel refresh, Map<Integer, int[]> contents, int[] content) {
    refresh.staged = true;
    contents.put(VERSION, content);
    for (var split = 0; split < SplitRow.SPLITS; split++) {
      refresh.splits.add(new SplitRow(split));
    }
  }
}
