package io.tidemark.suite.simulation.home;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.RefreshProgressTable;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.meta.core.Loading;
import io.tidemark.meta.core.Policy;
import io.tidemark.meta.core.RefreshRow;
import io.tidemark.meta.core.Trouble;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Mirrors {@code LeaderWrites}, {@code RecoveryWrites}, {@code Requests}, {@code LostExecutors} and
 * {@code ActiveRefreshes} of {@code io.tidemark.meta}, statement by statement, for one term of one
 * node.
 */
public final class LeaderModel {
  private static final ErrorReport LOST =
      ErrorReport.of(ErrorCode.EXECUTOR_LOST, "one executor after another was lost");

  private final HomeModel home;
  private final LeaseModel lease;
  private final String holder;
  private final long term;
  private final boolean firstFinisherEnds;

  /**
   * Makes one.
   *
   * @param firstFinisherEnds a mutant: one VNode that is complete is enough
   */
  public LeaderModel(
      HomeModel home, LeaseModel lease, String holder, long term, boolean firstFinisherEnds) {
    this.home = home;
    this.lease = lease;
    this.holder = holder;
    this.term = term;
    this.firstFinisherEnds = firstFinisherEnds;
  }

  /** ActiveRefreshes.READ. */
  public List<RefreshRow> active() {
    var active = new ArrayList<RefreshRow>();
    for (var refresh : home.refreshes.values()) {
      if (refresh.state.active()) {
        active.add(row(refresh));
      }
    }
    return active;
  }

  private RefreshRow row(RefreshModel refresh) {
    var owners = new HashSet<String>();
    for (var row : rows(refresh)) {
      if (row.owner != null && !row.completed) {
        owners.add(row.owner);
      }
    }
    var completed = refresh.completed();
    return new RefreshRow(
        refresh.id,
        refresh.state,
        refresh.paused,
        refresh.dryRun,
        refresh.planned,
        refresh.approved,
        refresh.attempts,
        refresh.snapshot,
        refresh.workedMillis,
        new Policy(refresh.guard(), OptionalLong.empty(), OptionalLong.empty()),
        new Loading(
            refresh.staged, refresh.splits.size(), refresh.completedSplits(), refresh.loaded),
        firstFinisherEnds && completed > 0 ? completed : refresh.vnodes.size(),
        completed,
        refresh.rows(),
        owners,
        Optional.ofNullable(refresh.workOwner),
        trouble(refresh));
  }

  private static List<OwnedRow> rows(RefreshModel refresh) {
    var rows = new ArrayList<OwnedRow>(refresh.vnodes);
    rows.addAll(refresh.splits);
    return rows;
  }

  private static Trouble trouble(RefreshModel refresh) {
    var worked = refresh.staged && !refresh.loaded ? refresh.splits : refresh.vnodes;
    var poisonous =
        worked.stream()
            .filter(vnode -> vnode.failure != null && !vnode.completed)
            .filter(vnode -> vnode.triesIn(refresh.attempts) >= RefreshProgressTable.MAX_TRIES)
            .toList();
    return new Trouble(
        poisonous.size(),
        poisonous.stream().findFirst().map(vnode -> vnode.failure),
        refresh.workLostIn == refresh.attempts ? refresh.workLosses : 0);
  }

  /** TAKE_OVER; alone, as a sync does, it frees what others hold. */
  public void takeOver(boolean leaderLost, boolean alone) {
    if (!leads()) {
      return;
    }
    home.counts.termsAfterLoss += leaderLost ? 1 : 0;
    for (var refresh : home.refreshes.values()) {
      if (refresh.state.active()) {
        refresh.term = term;
        refresh.vnodesSkipped = refresh.completed();
        refresh.recoveries += leaderLost ? 1 : 0;
        if (alone) {
          freeAll(refresh);
        }
      }
    }
  }

  private static void freeAll(RefreshModel refresh) {
    refresh.workGeneration += refresh.workOwner == null ? 0 : 1;
    refresh.workOwner = null;
    Stream.concat(refresh.vnodes.stream(), refresh.splits.stream())
        .filter(row -> row.owner != null && !row.completed)
        .forEach(OwnedRow::free);
  }

  /**
   * FINISH: {@code state = 'REFRESHING' AND NOT paused AND plan IS NOT NULL AND snapshot = the
   * decision's AND NOT EXISTS (… NOT is_completed)}.
   */
  public boolean finish(long id, int snapshot, boolean skipDeletes) {
    return write(
        id,
        refresh -> isMerged(refresh, snapshot),
        refresh -> {
          refresh.state = RefreshState.FINISHING;
          refresh.skipDeletes = skipDeletes;
          refresh.workOwner = null;
        });
  }

  /** AWAIT_APPROVAL: the conditions of FINISH. */
  public boolean awaitApproval(long id, int snapshot) {
    return write(
        id,
        refresh -> isMerged(refresh, snapshot),
        refresh -> refresh.state = RefreshState.AWAITING_APPROVAL);
  }

  private boolean isMerged(RefreshModel refresh, int snapshot) {
    return refresh.state == RefreshState.REFRESHING
        && !refresh.paused
        && refresh.planned
        && (!refresh.staged || refresh.loaded)
        && refresh.snapshot == snapshot
        && (firstFinisherEnds || !refresh.isAnyIncomplete());
  }

  /** END with FAILED: {@code state IN ('REFRESHING', 'FINISHING')}. */
  public boolean fail(long id, ErrorReport error) {
    return end(
        id, RefreshState.FAILED, error, Set.of(RefreshState.REFRESHING, RefreshState.FINISHING));
  }

  /** END with CANCELLED or REJECTED. */
  public boolean end(long id, RefreshState state) {
    return end(
        id,
        state,
        null,
        state == RefreshState.REJECTED
            ? Set.of(RefreshState.AWAITING_APPROVAL)
            : Set.of(
                RefreshState.REFRESHING,
                RefreshState.AWAITING_APPROVAL,
                RefreshState.FINISHING,
                RefreshState.FAILED));
  }

  private boolean end(
      long id, RefreshState state, @Nullable ErrorReport error, Set<RefreshState> from) {
    return write(
        id,
        refresh -> from.contains(refresh.state),
        refresh -> {
          refresh.state = state;
          home.counts.failed += state == RefreshState.FAILED ? 1 : 0;
          home.counts.cancelled += state == RefreshState.CANCELLED ? 1 : 0;
          refresh.error = error;
          refresh.workOwner = null;
          refresh.paused = false;
          refresh.workGeneration++;
          rows(refresh).forEach(OwnedRow::free);
          // KEEP_APPLIED
          if (!isResumable(refresh)) {
            refresh.feedLast = refresh.lastApplied();
          }
        });
  }

  /** APPROVE: {@code state = 'AWAITING_APPROVAL'}. */
  public boolean approve(long id) {
    return write(
        id,
        refresh -> refresh.state == RefreshState.AWAITING_APPROVAL,
        refresh -> {
          refresh.state = RefreshState.FINISHING;
          home.counts.approvals++;
          refresh.approved = true;
          refresh.dryRun = false;
          refresh.workOwner = null;
        });
  }

  /** HOLD: an active state. */
  public boolean hold(long id, boolean paused) {
    return write(id, refresh -> refresh.state.active(), refresh -> refresh.paused = paused);
  }

  /** RELEASE: an active state; {@code owner = the executor's AND NOT is_completed}; and bars it. */
  public boolean release(long id, String executor) {
    if (leads()) {
      home.lost.add(executor);
    }
    return write(
        id,
        refresh -> refresh.state.active(),
        refresh -> {
          if (executor.equals(refresh.workOwner)) {
            refresh.workGeneration++;
            refresh.workOwner = null;
            refresh.workLosses =
                refresh.workLostIn == refresh.attempts ? refresh.workLosses + 1 : 1;
            refresh.workLostIn = refresh.attempts;
          }
          for (var row : rows(refresh)) {
            if (executor.equals(row.owner) && !row.completed) {
              home.counts.released++;
              row.failed(refresh.attempts, LOST);
              row.free();
            }
          }
          refresh.vnodesSkipped = refresh.completed();
          refresh.recoveries++;
        });
  }

  /** WELCOME. */
  public void welcome(String executor) {
    if (leads()) {
      home.lost.remove(executor);
    }
  }

  /** LostExecutors.READ. */
  public Set<String> lost() {
    return Set.copyOf(home.lost);
  }

  /** COUNT_WORK: {@code state IN ('REFRESHING', 'FINISHING') AND NOT paused}. */
  public void countWork(long millis) {
    for (var id : List.copyOf(home.refreshes.keySet())) {
      write(
          id,
          refresh ->
              (refresh.state == RefreshState.REFRESHING || refresh.state == RefreshState.FINISHING)
                  && !refresh.paused,
          refresh -> refresh.workedMillis += millis);
    }
  }

  /** COMMIT_EPOCH: an active state, {@code epoch < the one committed}. */
  public void commitEpoch(long epoch) {
    for (var id : List.copyOf(home.refreshes.keySet())) {
      write(
          id,
          refresh -> refresh.state.active() && refresh.epoch < epoch,
          refresh -> {
            refresh.epoch = epoch;
            refresh.percent = Math.max(refresh.percent, refresh.share());
          });
    }
  }

  /**
   * {@code tidemark.begin_refresh}: goes on with the table's last one where it {@code is_resumable}
   * and likewise a dry run or not; else INSERT, after what the last one has applied has become a
   * page of the feed.
   */
  public void request(String table, boolean dryRun) {
    if (!leads()) {
      return;
    }
    home.journal.add(new Written.Led(holder, term));
    var last = home.last(table);
    if (last.isPresent() && isResumable(last.get()) && last.get().dryRun == dryRun) {
      reopen(last.get());
      return;
    }
    last.filter(it -> it.state == RefreshState.FAILED && it.feedLast == 0)
        .ifPresent(it -> it.feedLast = it.lastApplied());
    var definition = home.tables.get(table);
    if (definition != null) {
      home.insert(definition, dryRun).ifPresent(refresh -> refresh.term = term);
    }
  }

  private void reopen(RefreshModel refresh) {
    home.counts.reopened++;
    refresh.state = RefreshState.REFRESHING;
    refresh.term = Math.max(refresh.term, term);
    refresh.attempts++;
    refresh.error = null;
    refresh.skipDeletes = false;
    refresh.table.held = refresh.planned ? null : refresh.table.held;
    refresh.paused = false;
    refresh.workedMillis = 0;
    refresh.vnodesSkipped = refresh.completed();
    refresh.recoveries++;
  }

  private static boolean isResumable(RefreshModel last) {
    var error = last.error;
    return last.state == RefreshState.FAILED
        && error != null
        && error.retryable()
        && error.code() != ErrorCode.TARGET_CHANGED
        && error.code() != ErrorCode.PLAN_OUTDATED
        && error.code() != ErrorCode.SOURCE_CHANGED;
  }

  private boolean leads() {
    return lease.leads(holder, term);
  }

  /** Every statement begins with the share lock on the lease row: TermFence.LEADER. */
  private boolean write(long id, Predicate<RefreshModel> condition, Consumer<RefreshModel> change) {
    var refresh = home.refreshes.get(id);
    if (!leads() || refresh == null || !condition.test(refresh)) {
      return false;
    }
    change.accept(refresh);
    refresh.term = term;
    home.journal.add(new Written.Led(holder, term));
    return true;
  }
}
