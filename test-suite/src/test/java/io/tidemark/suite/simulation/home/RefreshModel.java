package io.tidemark.suite.simulation.home;

import io.tidemark.common.config.GuardPolicy;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RowCounts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A row of {@code tidemark.refreshes}, with the rows of other tables that belong to it. */
public final class RefreshModel {
  public final long id;
  public final TableModel table;
  public final boolean progressive;

  public RefreshState state = RefreshState.REFRESHING;
  public boolean paused;
  public boolean dryRun;
  public boolean planned;
  public boolean skipDeletes;

  /** {@code unchanged ->> 'refresh'}; 0: it read its source. */
  public long unchanged;

  public boolean approved;
  public long feedLast;
  public int snapshot;
  public @Nullable String workOwner;
  public long workGeneration;
  public long term;
  public long epoch;
  public double percent;
  public int vnodesSkipped;
  public int attempts = 1;
  public int workLosses;
  public int workLostIn;
  public long workedMillis;
  public @Nullable ErrorReport error;
  public int recoveries;

  public boolean staged;

  /** {@code loaded_at IS NOT NULL}. */
  public boolean loaded;

  public final List<VNodeRow> vnodes = new ArrayList<>();
  public final List<SplitRow> splits = new ArrayList<>();

  /** {@code tidemark.staging_<refresh>}: the value at each key. */
  public int[] staging = new int[Keys.COUNT];

  /** A crash has emptied it since it was cleared: its row of {@code staging_marks} is gone. */
  public boolean stagingLost;

  /** A row was staged twice; not a column, for {@code Loaded}. */
  public boolean doubled;

  public final List<Difference> delta = new ArrayList<>();

  /** {@code tidemark.refresh_snapshots}: holder to exported id, by number; newest last. */
  final Map<Integer, LinkedHashMap<String, Long>> exports = new HashMap<>();

  /** What each source snapshot held; not a column, for {@code Equal}. */
  public final Map<Integer, int[]> contents = new HashMap<>();

  /** In which snapshot each key was merged; not a column, for {@code Equal}. */
  public final int[] mergedIn = new int[Keys.COUNT];

  RefreshModel(long id, TableModel table, boolean dryRun) {
    this.id = id;
    this.table = table;
    this.dryRun = dryRun;
    this.progressive = table.progressive && !dryRun;
  }

  public int completed() {
    var completed = 0;
    for (var vnode : vnodes) {
      completed += vnode.completed ? 1 : 0;
    }
    return completed;
  }

  public int completedSplits() {
    return (int) splits.stream().filter(split -> split.completed).count();
  }

  /** The percentage as {@code refresh_totals} has it, about. */
  double share() {
    var merged = 99.9 * completed() / Math.max(1, vnodes.size());
    if (!staged) {
      return merged;
    }
    return loaded ? 50 + merged / 2 : 50.0 * completedSplits() / Math.max(1, splits.size());
  }

  /** As {@code refresh_totals} sums them. */
  public RowCounts rows() {
    var rows = RowCounts.ZERO;
    for (var vnode : vnodes) {
      rows = rows.plus(vnode.rows);
    }
    return rows;
  }

  public GuardPolicy guard() {
    return table.guard;
  }

  /** {@code tidemark.last_applied}: 0 where nothing is. */
  long lastApplied() {
    return progressive
        ? delta.stream().filter(each -> each.op() != 'D').mapToLong(Difference::seq).max().orElse(0)
        : 0;
  }

  /** Its page of the change feed: of one that did not succeed, without the deletes. */
  public List<Difference> page() {
    return delta.stream()
        .filter(each -> each.seq() <= feedLast)
        .filter(each -> state == RefreshState.SUCCEEDED || each.op() != 'D')
        .toList();
  }

  boolean isAnyIncomplete() {
    return completed() < vnodes.size();
  }
}
