package io.tidemark.executor;

import io.tidemark.common.bus.BarrierAck.Report;
import io.tidemark.common.config.SourceDefinition.PostgresSource;
import io.tidemark.common.config.SourceDefinition.StagedSource;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.RefreshWork;
import io.tidemark.executor.core.Directive;
import io.tidemark.executor.core.Free;
import io.tidemark.executor.core.MaterializeEffect;
import io.tidemark.executor.core.MaterializeEvent;
import io.tidemark.executor.core.MaterializeProtocol;
import io.tidemark.executor.core.MaterializeState;
import io.tidemark.executor.lane.BarrierClock;
import io.tidemark.executor.lane.LaneCrew;
import io.tidemark.executor.lane.ProgressWriter;
import io.tidemark.executor.lane.Side;
import io.tidemark.executor.lane.Throttle;
import io.tidemark.executor.lane.Waiting;
import io.tidemark.executor.merge.ConnectionLoss;
import io.tidemark.executor.plan.Connections;
import io.tidemark.executor.plan.WayChoice;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
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
 * there, fenced, or lost. What it does next, {@link MaterializeProtocol} decides.
 */
final class MaterializeExecutor implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(MaterializeExecutor.class);

  /** One executor's link may be the cause. */
  private static final Set<ErrorCode> CUT_OFF =
      EnumSet.of(ErrorCode.SOURCE_UNREACHABLE, ErrorCode.HOME_UNREACHABLE);

  private final long refreshId;
  private final ExecutorSettings settings;
  private final BarrierClock barriers;
  private final ProgressWriter writer;
  private final Runnable changed;
  private final Runnable fenced;
  private final Throttle throttle = new Throttle();
  private final Ways ways;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition handed = lock.newCondition();

  /** Changed under the lock. */
  private volatile MaterializeState state;

  /** The step that the worker thread shall take next; guarded by the lock. */
  private MaterializeEffect.@Nullable Work next;

  private volatile @Nullable LaneCrew crew;
  private volatile @Nullable Interruptible interruptible;

  /** Of the worker thread alone. */
  private RefreshWork.@Nullable Row loaded;

  private @Nullable RefreshableMaterializeArgs args;

  private @Nullable WayThrough way;

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
    this.state = MaterializeState.begin(settings.work().retryFor());
    this.ways = new Ways(refreshId, settings, barriers, writer, throttle, fenced, this::planned);
  }

  /** What the newest barrier wants. */
  void direct(Directive wanted) {
    handle(new MaterializeEvent.Directed(wanted));
  }

  /** Whether everything that was merged when this epoch's barrier came is handed to the writer. */
  boolean hasAnswered(long epoch) {
    var lanes = crew;
    return lanes == null || lanes.silent(epoch) == 0;
  }

  /** What it does now. */
  Report report(long fencedWrites) {
    var lanes = crew;
    var now = state;
    return new Report(
        refreshId,
        now.attempt(),
        now.work(),
        lanes == null ? 0 : lanes.working(),
        lanes == null ? 0 : lanes.silent(barriers.epoch()),
        fencedWrites,
        now.failure().orElse(null));
  }

  /** Works until it is told to end. */
  @Override
  public void run() {
    try {
      while (true) {
        var work = await();
        if (work instanceof MaterializeEffect.Leave) {
          return;
        }
        handle(outcome(work));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      close();
    }
  }

  private MaterializeEffect.Work await() throws InterruptedException {
    lock.lock();
    try {
      var work = next;
      while (work == null) {
        handed.await();
        work = next;
      }
      next = null;
      return work;
    } finally {
      lock.unlock();
    }
  }

  private void handle(MaterializeEvent event) {
    lock.lock();
    try {
      var step = MaterializeProtocol.handle(state, event);
      state = step.state();
      step.effects().forEach(this::perform);
    } finally {
      lock.unlock();
    }
  }

  /** None of them blocks: work is left to the worker thread. */
  private void perform(MaterializeEffect effect) {
    switch (effect) {
      case MaterializeEffect.Limit limit -> throttle.limit(limit.rowsPerSecond());
      case MaterializeEffect.Stop stop -> {
        LaneCrew.stop(crew);
        var step = interruptible;
        if (step != null) {
          step.interrupt();
        }
      }
      case MaterializeEffect.TellChanged tell -> changed.run();
      case MaterializeEffect.Work work -> {
        next = work;
        handed.signalAll();
      }
    }
  }

  /** Takes a step: how it ended. */
  private MaterializeEvent outcome(MaterializeEffect.Work work) {
    try {
      return step(work);
    } catch (TidemarkException e) {
      return failed(e.report(), e, false);
    } catch (SQLException e) {
      return failed(StepErrors.of(e, args != null), e, ConnectionLoss.isIn(e));
    } catch (RuntimeException e) {
      return failed(ErrorReport.of(ErrorCode.BUG, "unexpected: " + e), e, false);
    }
  }

  private MaterializeEvent failed(ErrorReport report, Exception cause, boolean mendable) {
    LOG.atWarn()
        .addKeyValue("refresh", refreshId)
        .addKeyValue("code", report.code())
        .addKeyValue("vnode", report.vnode())
        .addKeyValue("error", report.message())
        .log(mendable ? "step failed, trying again for a while" : "attempt failed");
    LOG.debug("cause", cause);
    return new MaterializeEvent.Failed(System.nanoTime(), report, mendable);
  }

  private MaterializeEvent step(MaterializeEffect.Work work) throws SQLException {
    return switch (work) {
      case MaterializeEffect.Load load -> load();
      case MaterializeEffect.Plan plan -> plan();
      case MaterializeEffect.Look look -> new MaterializeEvent.Looked(look());
      case MaterializeEffect.LoadSplits load ->
          work(way().loaders(), new MaterializeEvent.SplitsLoaded());
      case MaterializeEffect.FinishLoad finish ->
          new MaterializeEvent.LoadFinished(
              during(
                  step ->
                      new LoadFinishing(
                              planned(), settings.executorId(), settings.home(), fenced, step)
                          .finish()));
      case MaterializeEffect.Merge merge -> work(way().mergers(), new MaterializeEvent.Merged());
      case MaterializeEffect.Flush flush -> {
        if (!writer.flush()) {
          throw new SQLException("progress cannot be written", "08006");
        }
        yield new MaterializeEvent.Flushed();
      }
      case MaterializeEffect.Finish finish -> {
        during(
            step -> {
              new Finishing(planned(), settings.executorId(), settings.home(), fenced, step)
                  .finish();
              return true;
            });
        yield new MaterializeEvent.Finished();
      }
      case MaterializeEffect.Wait wait -> {
        Waiting.millis(wait.millis(), () -> !state.mayWork());
        yield new MaterializeEvent.Waited();
      }
      case MaterializeEffect.Leave leave -> throw new IllegalStateException("left already");
    };
  }

  /** Something that can be given up. */
  private interface LongStep {
    boolean run(Interruptible step) throws SQLException;
  }

  private boolean during(LongStep last) throws SQLException {
    var step = new Interruptible();
    interruptible = step;
    try {
      // Whoever stopped it before it was there is heard here.
      return state.mayWork() && last.run(step);
    } finally {
      interruptible = null;
    }
  }

  private MaterializeEvent work(LaneCrew lanes, MaterializeEvent ended) {
    crew = lanes;
    try {
      // Whoever stopped lanes before there were any is heard here.
      if (state.mayWork()) {
        lanes.work();
      }
      return ended;
    } catch (TidemarkException e) {
      // The source may also end each read that it has let in: that is no link, and not mended so.
      if (!lanes.cutOff() || !CUT_OFF.contains(e.code())) {
        throw e;
      }
      giveBack();
      LOG.atWarn()
          .addKeyValue("refresh", refreshId)
          .addKeyValue("code", e.code())
          .addKeyValue("error", e.report().message())
          .log("cut off: others may go on with what lanes had");
      return new MaterializeEvent.CutOff(System.nanoTime(), e.report(), lanes.progressed());
    } finally {
      crew = null;
    }
  }

  /** What cannot be given back, the leader releases. */
  private void giveBack() {
    try (var home = Connections.home(settings.home(), "tidemark look " + refreshId)) {
      way().giveBack(home);
      changed.run();
    } catch (SQLException e) {
      LOG.debug("not given back", e);
    }
  }

  /**
   * No lane works while this is asked: what this executor still owns is from a claim whose answer
   * was lost, or could not be given back, and goes back now.
   */
  private Free look() throws SQLException {
    try (var home = Connections.home(settings.home(), "tidemark look " + refreshId)) {
      way().giveBack(home);
      return way().look(home);
    }
  }

  private MaterializeEvent load() throws SQLException {
    Optional<RefreshWork.Row> found;
    try (var home = Connections.home(settings.home(), "tidemark look " + refreshId)) {
      found = new RefreshWork(refreshId).load(home);
    }
    if (found.isEmpty() || !found.get().state().active()) {
      return new MaterializeEvent.Loaded(false, false);
    }
    var row = found.get();
    loaded = row;
    row.plan().ifPresent(plan -> know(ways.of(row, PlanJson.read(plan), Optional.empty())));
    return new MaterializeEvent.Loaded(true, row.plan().isPresent());
  }

  private MaterializeEvent plan() throws SQLException {
    var row = loaded;
    if (row == null) {
      throw new IllegalStateException("planned before it was read");
    }
    var definition = settings.definitions().apply(row.definition());
    return switch (definition.source()) {
      case PostgresSource postgres -> {
        var choice = choice(definition, postgres);
        if (choice.isEmpty()) {
          yield new MaterializeEvent.Planned(false);
        }
        yield choice.get().staged()
            ? stage(row, definition, Optional.of(choice.get().why()))
            : stream(row, definition, postgres, choice.get().why());
      }
      case StagedSource staged -> stage(row, definition, Optional.empty());
    };
  }

  /**
   * Which way a Postgres source goes. Empty where another plans it: only who does looks at the
   * source, and keeps the claim for the plan.
   */
  private Optional<WayChoice> choice(TableDefinition definition, PostgresSource postgres)
      throws SQLException {
    var name = "tidemark look " + refreshId;
    return new PlanningClaim(refreshId, settings.executorId(), settings.home())
        .during(
            (home, generation) -> {
              try (var source =
                  Side.SOURCE.call(
                      () -> Connections.source(settings.sources().apply(postgres), name))) {
                return Optional.of(WayChoice.of(definition, postgres, source, home));
              }
            });
  }

  private MaterializeEvent stream(
      RefreshWork.Row row, TableDefinition definition, PostgresSource postgres, String why)
      throws SQLException {
    var made =
        new Planning(refreshId, settings.executorId(), settings.home())
            .plan(definition, settings.sources().apply(postgres), why);
    made.ifPresent(plan -> know(ways.of(row, plan.plan(), Optional.of(plan.reader()))));
    return new MaterializeEvent.Planned(made.isPresent());
  }

  private MaterializeEvent stage(
      RefreshWork.Row row, TableDefinition definition, Optional<String> why) throws SQLException {
    var connector = ways.connector(definition);
    var kept = false;
    try {
      var made =
          new StagedPlanning(refreshId, settings.executorId(), settings.home())
              .plan(definition, connector, why);
      if (made.isEmpty()) {
        return new MaterializeEvent.Planned(false);
      }
      return switch (made.get()) {
        case StagedPlanning.Outcome.Stored stored -> {
          know(ways.staged(row, definition, stored.plan(), connector));
          kept = true;
          yield new MaterializeEvent.Planned(true);
        }
        case StagedPlanning.Outcome.Ended ended -> new MaterializeEvent.Unchanged();
      };
    } finally {
      if (!kept) {
        connector.close();
      }
    }
  }

  private void know(Ways.Known known) {
    args = known.args();
    way = known.way();
  }

  private RefreshableMaterializeArgs planned() {
    var known = args;
    if (known == null) {
      throw new IllegalStateException("merged before it was planned");
    }
    return known;
  }

  private WayThrough way() {
    var known = way;
    if (known == null) {
      throw new IllegalStateException("worked on before it was planned");
    }
    return known;
  }

  private void close() {
    writer.close();
    if (way != null) {
      way.close();
    }
    LOG.atDebug().addKeyValue("refresh", refreshId).log("left");
  }
}
