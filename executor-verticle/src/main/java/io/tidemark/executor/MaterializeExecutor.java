package io.tidemark.executor;

import io.tidemark.common.bus.BarrierAck.Report;
import io.tidemark.common.bus.BarrierAck.Work;
import io.tidemark.common.config.SourceDefinition.PostgresSource;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.RefreshProgressTable;
import io.tidemark.common.home.RefreshWork;
import io.tidemark.executor.delta.DeltaRestart;
import io.tidemark.executor.lane.Backoff;
import io.tidemark.executor.lane.BarrierClock;
import io.tidemark.executor.lane.LaneContext;
import io.tidemark.executor.lane.LaneCrew;
import io.tidemark.executor.lane.ProgressWriter;
import io.tidemark.executor.lane.Throttle;
import io.tidemark.executor.merge.ConnectionLoss;
import io.tidemark.executor.plan.Connections;
import io.tidemark.executor.snapshot.SourceSnapshot;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One refresh on one node. It does what the newest barrier says: plan and merge, pause, finish,
 * end. Its work runs on one virtual thread and on those of its lanes; {@link #direct}, {@link
 * #report} and the stop methods may be called from any thread and never block.
 *
 * <p>It holds no truth: everything it knows it has read from Postgres, and everything it found is
 * there, fenced, or lost. After an error that trying again does not mend it stops working on the
 * attempt and says so in every report, until the leader ends the refresh or opens another attempt.
 */
final class MaterializeExecutor implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(MaterializeExecutor.class);

  private final long refreshId;
  private final ExecutorSettings settings;
  private final BarrierClock barriers;
  private final ProgressWriter writer;
  private final Runnable changed;
  private final Runnable fenced;
  private final Throttle throttle = new Throttle();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition directed = lock.newCondition();
  private Directive directive = new Directive.Run(0, 0);
  private boolean fresh;

  private volatile Work work = Work.WAITING;
  private volatile @Nullable LaneCrew crew;
  private volatile int attempt;
  private volatile @Nullable ErrorReport failure;

  /** Of the worker thread alone. */
  private @Nullable RefreshableMaterializeArgs args;

  private @Nullable SourceSnapshot snapshot;

  /**
   * Makes one; it works while {@link #run} runs.
   *
   * @param changed called when something changed that the leader should look at
   * @param fenced called for each write that was refused
   */
  MaterializeExecutor(
      long refreshId,
      ExecutorSettings settings,
      BarrierClock barriers,
      ProgressWriter writer,
      Runnable changed,
      Runnable fenced) {
    this.refreshId = refreshId;
    this.settings = settings;
    this.barriers = barriers;
    this.writer = writer;
    this.changed = changed;
    this.fenced = fenced;
  }

  /** What the newest barrier wants. */
  void direct(Directive wanted) {
    lock.lock();
    try {
      if (!(directive instanceof Directive.End)) {
        directive = wanted;
      }
      fresh = true;
      directed.signalAll();
    } finally {
      lock.unlock();
    }
    var lanes = crew;
    switch (wanted) {
      case Directive.Run run -> throttle.limit(run.rowsPerSecond());
      case Directive.Pause pause -> LaneCrew.stop(lanes);
      case Directive.Finish finish -> {}
      case Directive.End end -> LaneCrew.stop(lanes);
    }
  }

  /** Whether everything that was merged when this epoch's barrier came is handed to the writer. */
  boolean hasAnswered(long epoch) {
    var lanes = crew;
    return lanes == null || lanes.silent(epoch) == 0;
  }

  /** What it does now. */
  Report report(long fencedWrites) {
    var lanes = crew;
    return new Report(
        refreshId,
        attempt,
        work,
        lanes == null ? 0 : lanes.working(),
        lanes == null ? 0 : lanes.silent(barriers.epoch()),
        fencedWrites,
        failure);
  }

  /** Works until it is told to end. */
  @Override
  public void run() {
    try {
      while (true) {
        var wanted = await();
        if (wanted instanceof Directive.End) {
          return;
        }
        follow(wanted);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      close();
    }
  }

  private Directive await() throws InterruptedException {
    lock.lock();
    try {
      while (!fresh) {
        directed.await();
      }
      fresh = false;
      return directive;
    } finally {
      lock.unlock();
    }
  }

  private void follow(Directive wanted) {
    switch (wanted) {
      case Directive.Run run -> attempt(run.attempt(), this::planAndMerge);
      case Directive.Pause pause -> work = Work.WAITING;
      case Directive.Finish finish -> attempt(finish.attempt(), this::finish);
      case Directive.End end -> {}
    }
  }

  private interface Step {
    void run() throws SQLException;
  }

  /** Tries a step until it is done, the refresh is told something else, or trying is no use. */
  private void attempt(int number, Step step) {
    if (failure != null && number <= attempt) {
      return;
    }
    attempt = number;
    failure = null;
    var backoff = new Backoff(settings.work().retryFor());
    while (true) {
      try {
        step.run();
        work = Work.WAITING;
        return;
      } catch (TidemarkException e) {
        fail(e.report(), e);
        return;
      } catch (SQLException e) {
        if (!ConnectionLoss.isIn(e) || !backoff.await(this::toldOtherwise)) {
          fail(StepErrors.of(e), e);
          return;
        }
        if (toldOtherwise()) {
          return;
        }
        LOG.atWarn()
            .addKeyValue("refresh", refreshId)
            .addKeyValue("error", e.getMessage())
            .log("trying again");
      } catch (RuntimeException e) {
        fail(ErrorReport.of(ErrorCode.BUG, "unexpected: " + e), e);
        return;
      }
    }
  }

  private boolean toldOtherwise() {
    lock.lock();
    try {
      return directive instanceof Directive.End || directive instanceof Directive.Pause;
    } finally {
      lock.unlock();
    }
  }

  private void fail(ErrorReport report, Throwable cause) {
    LOG.atError()
        .addKeyValue("refresh", refreshId)
        .addKeyValue("code", report.code())
        .addKeyValue("vnode", report.vnode())
        .addKeyValue("error", report.message())
        .log("attempt failed");
    LOG.debug("cause", cause);
    failure = report;
    work = Work.FAILED;
    changed.run();
  }

  private void planAndMerge() throws SQLException {
    var known = prepare();
    if (known.isEmpty()) {
      return;
    }
    if (!anythingToClaim()) {
      return;
    }
    work = Work.MERGING;
    var context = context(known.get());
    var lanes = new LaneCrew(context, settings.work().lanes());
    crew = lanes;
    try {
      if (!toldOtherwise()) {
        lanes.work();
      }
    } finally {
      crew = null;
    }
    if (!writer.flush()) {
      throw new SQLException("progress cannot be written", "08006");
    }
    changed.run();
  }

  /**
   * No lane works while this is asked: what this executor still owns is from a claim whose answer
   * was lost, or could not be given back, and goes back now.
   */
  private boolean anythingToClaim() throws SQLException {
    var progress = new RefreshProgressTable(refreshId);
    try (var home = Connections.home(settings.home(), "tidemark look " + refreshId)) {
      progress.releaseAll(home, settings.executorId());
      return progress.anyFree(home);
    }
  }

  private void finish() throws SQLException {
    work = Work.FINISHING;
    var known = prepare();
    if (known.isPresent()) {
      new Finishing(known.get(), settings.executorId(), settings.home(), fenced).finish();
      changed.run();
    }
  }

  /**
   * Reads the refresh, and plans it where nobody has. Empty: there is nothing to do for it here.
   */
  private Optional<RefreshableMaterializeArgs> prepare() throws SQLException {
    if (args != null) {
      return Optional.of(args);
    }
    var row = load();
    if (row.isEmpty() || !row.get().state().active()) {
      return Optional.empty();
    }
    var definition = settings.definitions().apply(row.get().definition());
    var source =
        settings
            .sources()
            .apply(
                switch (definition.source()) {
                  case PostgresSource postgres -> postgres;
                });
    var shared =
        new SourceSnapshot(
            refreshId, settings.executorId(), source, settings.home(), definition, this::restart);
    var plan = row.get().plan().map(Planning::read);
    if (plan.isEmpty()) {
      work = Work.PLANNING;
      var planned =
          new Planning(refreshId, settings.executorId(), settings.home()).plan(definition, source);
      planned.ifPresent(made -> shared.keep(made.reader()));
      plan = planned.map(Planning.Planned::plan);
      changed.run();
    }
    if (plan.isEmpty()) {
      return Optional.empty();
    }
    snapshot = shared;
    args =
        new RefreshableMaterializeArgs(
            refreshId, definition, row.get().visibility(), source, plan.get());
    return Optional.of(args);
  }

  private Optional<RefreshWork.Row> load() throws SQLException {
    try (var home = Connections.home(settings.home(), "tidemark look " + refreshId)) {
      return new RefreshWork(refreshId).load(home);
    }
  }

  private void restart(Connection home) throws SQLException {
    if (args == null) {
      throw new IllegalStateException("lanes without a plan");
    }
    DeltaRestart.restart(home, args.refreshId(), args.plan(), args.progressive());
  }

  private LaneContext context(RefreshableMaterializeArgs known) {
    if (snapshot == null) {
      throw new IllegalStateException("prepared without a snapshot");
    }
    return new LaneContext(
        known,
        settings.executorId(),
        settings.home(),
        snapshot,
        new RefreshProgressTable(refreshId),
        writer,
        throttle,
        barriers,
        settings.work().retryFor(),
        settings.work().chunkRows(),
        LaneContext.claimSize(known.definition().vnodes(), settings.work().lanes()),
        fenced);
  }

  private void close() {
    writer.close();
    if (snapshot != null) {
      snapshot.close();
    }
    LOG.atDebug().addKeyValue("refresh", refreshId).log("left");
  }
}
