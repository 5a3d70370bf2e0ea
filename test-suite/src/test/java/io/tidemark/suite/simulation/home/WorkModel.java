package io.tidemark.suite.simulation.home;

import io.tidemark.common.home.RefreshProgressTable.Checkpoint;
import io.tidemark.common.refresh.RefreshState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalLong;

/**
 * Mirrors {@code io.tidemark.common.home.RefreshWork} and {@code TargetVersions}, statement by
 * statement, and the transactions that executors make of them: {@code Planning.store}, {@code
 * ChunkStore.write}, {@code Finishing.finish}, {@code SourceSnapshot.moveOn}.
 */
public final class WorkModel {
  private static final int MAX_EXPORTS = 32;

  private final HomeModel home;
  private final RefreshModel refresh;
  private final ProgressModel progress;

  public WorkModel(HomeModel home, RefreshModel refresh, ProgressModel progress) {
    this.home = home;
    this.refresh = refresh;
    this.progress = progress;
  }

  /** LOAD, as far as an executor decides by it. */
  public record Row(boolean active, boolean planned, boolean skipDeletes) {}

  /** SNAPSHOT and EXPORTS. */
  public record Exports(int number, List<Long> ids) {}

  /** How a finishing transaction ended. */
  public enum Finished {
    SUCCEEDED,
    FENCED,
    TARGET_CHANGED
  }

  public Row load() {
    return new Row(refresh.state.active(), refresh.planned, refresh.skipDeletes);
  }

  /**
   * CLAIM_PLANNING: {@code state = 'REFRESHING' AND plan IS NULL AND (work_owner free or mine)} and
   * not lost.
   */
  public OptionalLong claimPlanning(String executor) {
    return refresh.state == RefreshState.REFRESHING && !refresh.planned
        ? claim(executor)
        : OptionalLong.empty();
  }

  /** CLAIM_FINISHING: {@code state = 'FINISHING' AND (work_owner free or mine)} and not lost. */
  public OptionalLong claimFinishing(String executor) {
    return refresh.state == RefreshState.FINISHING ? claim(executor) : OptionalLong.empty();
  }

  private OptionalLong claim(String executor) {
    if ((refresh.workOwner != null && !refresh.workOwner.equals(executor))
        || home.lost.contains(executor)) {
      return OptionalLong.empty();
    }
    refresh.workOwner = executor;
    return OptionalLong.of(++refresh.workGeneration);
  }

  /**
   * STORE_PLAN: {@code work_generation = mine AND state = 'REFRESHING' AND plan IS NULL}; then the
   * VNodes and EXPORTED, all or nothing.
   */
  public boolean storePlan(long generation, String holder, long exportedId, int[] content) {
    if (refresh.workGeneration != generation
        || refresh.state != RefreshState.REFRESHING
        || refresh.planned) {
      return false;
    }
    refresh.planned = true;
    refresh.snapshot = 1;
    refresh.workOwner = null;
    refresh.table.held = null;
    if (refresh.table.staged) {
      StagedModel.plan(refresh, refresh.contents, content);
      return true;
    }
    refresh.contents.put(1, content);
    progress.insertAll();
    exported(1, holder, exportedId);
    return true;
  }

  /**
   * TargetVersions.SINCE, and HOLD before it; 0: none.
   *
   * @param content of the source's version
   */
  public long since(long generation, int[] content) {
    var held = refresh.table.held;
    return refresh.table.versioned
            && refresh.workGeneration == generation
            && refresh.state == RefreshState.REFRESHING
            && !refresh.planned
            && held != null
            && TableModel.isSame(held.content, content)
            && held.hasRows != refresh.table.isEmpty()
        ? held.refresh
        : 0;
  }

  /** A mutant's: any version that a refresh was planned for once counts as held. */
  public long sinceEver(int[] content) {
    return home.refreshes.values().stream()
        .filter(each -> each.table == refresh.table && refresh.table.versioned)
        .filter(each -> each != refresh && TableModel.isSame(each.contents.get(1), content))
        .mapToLong(each -> each.id)
        .max()
        .orElse(0);
  }

  /**
   * TargetVersions.END: {@code work_generation = mine AND state = 'REFRESHING' AND plan IS NULL AND
   * NOT paused}.
   *
   * @param since the refresh that read this version
   */
  public boolean end(String executor, long generation, long since, int[] content) {
    if (refresh.workGeneration != generation
        || refresh.state != RefreshState.REFRESHING
        || refresh.planned
        || refresh.paused) {
      home.counts.refusedFinishes++;
      return false;
    }
    refresh.state = RefreshState.SUCCEEDED;
    home.counts.unchanged++;
    refresh.unchanged = since;
    refresh.planned = true;
    refresh.staged = true;
    refresh.loaded = true;
    refresh.contents.put(1, content);
    refresh.error = null;
    refresh.percent = 100;
    home.journal.add(new Written.Succeeded(refresh, executor, String.valueOf(refresh.workOwner)));
    refresh.workOwner = null;
    return true;
  }

  /** RELEASE: {@code work_generation = mine}. */
  public void release(long generation) {
    if (refresh.workGeneration == generation) {
      refresh.workOwner = null;
    }
  }

  /** ChunkStore.write: CHECKPOINT, and where that wrote, the chunk. */
  public boolean writeChunk(
      String executor, Checkpoint checkpoint, List<Difference> chunk, int snapshot) {
    if (progress.checkpoint(executor, List.of(checkpoint), each -> snapshot).isEmpty()) {
      return false;
    }
    var delta = new DeltaModel(home, refresh);
    delta.append(chunk);
    if (refresh.progressive) {
      delta.apply(chunk.stream().filter(each -> each.op() != 'D').toList());
    }
    return true;
  }

  /** Whether {@link #writeChunk} would find the target as it was when it was compared. */
  public boolean chunkFits(List<Difference> chunk) {
    return !refresh.progressive
        || new DeltaModel(home, refresh)
            .fits(chunk.stream().filter(each -> each.op() != 'D').toList());
  }

  /**
   * Finishing.apply, then SUCCEED: {@code work_generation = mine AND state = 'FINISHING' AND NOT
   * paused}, all or nothing.
   */
  public Finished finish(String executor, long generation, boolean skipDeletes) {
    var delta = new DeltaModel(home, refresh);
    var applied = new ArrayList<>(refresh.progressive ? delta.deletes() : refresh.delta);
    if (skipDeletes) {
      applied.removeIf(each -> each.op() == 'D');
    }
    if (!delta.fits(applied)) {
      home.counts.targetsChanged++;
      return Finished.TARGET_CHANGED;
    }
    if (refresh.workGeneration != generation
        || refresh.state != RefreshState.FINISHING
        || refresh.paused) {
      home.counts.refusedFinishes++;
      return Finished.FENCED;
    }
    if (skipDeletes) {
      delta.dropDeletes();
    }
    delta.apply(applied);
    refresh.state = RefreshState.SUCCEEDED;
    home.counts.succeeded++;
    home.counts.deletesSkipped += skipDeletes ? 1 : 0;
    refresh.error = null;
    refresh.percent = 100;
    refresh.feedLast = refresh.delta.isEmpty() ? 0 : refresh.delta.getLast().seq();
    keep();
    home.journal.add(new Written.Succeeded(refresh, executor, String.valueOf(refresh.workOwner)));
    refresh.workOwner = null;
    return Finished.SUCCEEDED;
  }

  /** TargetVersions.KEEP. */
  private void keep() {
    var content = refresh.contents.get(1);
    if (refresh.table.versioned && !refresh.skipDeletes && content != null) {
      var rows = refresh.splits.stream().mapToLong(split -> split.rows.read()).sum();
      refresh.table.held = new TableModel.Held(refresh.id, content, rows > 0);
    }
  }

  /** SNAPSHOT, then EXPORTS of that number, newest first. */
  public Exports exports() {
    var ids =
        new ArrayList<>(
                refresh.exports.getOrDefault(refresh.snapshot, new LinkedHashMap<>()).values())
            .reversed();
    return new Exports(refresh.snapshot, List.copyOf(ids.stream().limit(MAX_EXPORTS).toList()));
  }

  /** EXPORTED. */
  public void exported(int number, String holder, long exportedId) {
    var exports = refresh.exports.computeIfAbsent(number, none -> new LinkedHashMap<>());
    exports.remove(holder);
    exports.put(holder, exportedId);
  }

  /**
   * SourceSnapshot.moveOn: NEXT_SNAPSHOT ({@code snapshot = lost AND state = 'REFRESHING'}), then
   * EXPORTED, RESTART where the table is strict, and RECOVERED.
   */
  public boolean moveOn(int lost, String holder, long exportedId, int[] content) {
    if (refresh.snapshot != lost || refresh.state != RefreshState.REFRESHING) {
      return false;
    }
    refresh.snapshot = lost + 1;
    refresh.approved = false;
    home.counts.snapshotsLost++;
    refresh.contents.put(lost + 1, content);
    exported(lost + 1, holder, exportedId);
    if (refresh.table.strict) {
      progress.restart(refresh.progressive);
      if (refresh.progressive) {
        new DeltaModel(home, refresh).dropDeletes();
      } else {
        refresh.delta.clear();
      }
    }
    refresh.vnodesSkipped = refresh.completed();
    refresh.recoveries++;
    return true;
  }
}
