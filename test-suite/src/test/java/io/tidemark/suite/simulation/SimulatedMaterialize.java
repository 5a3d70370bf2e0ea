package io.tidemark.suite.simulation;

import io.tidemark.common.bus.BarrierAck.Report;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.executor.core.Directive;
import io.tidemark.executor.core.Free;
import io.tidemark.executor.core.MaterializeEffect;
import io.tidemark.executor.core.MaterializeEvent;
import io.tidemark.executor.core.MaterializeProtocol;
import io.tidemark.executor.core.MaterializeState;
import io.tidemark.suite.simulation.home.ProgressModel;
import io.tidemark.suite.simulation.home.RefreshModel;
import io.tidemark.suite.simulation.home.StagedModel;
import io.tidemark.suite.simulation.home.WorkModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * The shell around {@link MaterializeProtocol}: models {@code MaterializeExecutor}, {@code
 * Planning}, {@code Finishing} and {@code LaneCrew}.
 */
final class SimulatedMaterialize {
  private static final long STOP_MILLIS = 3_000;

  private final Cluster cluster;
  private final SimulatedExecutor executor;
  private final String executorId;
  private final RefreshModel model;
  private final ProgressModel progress;
  private final WorkModel work;
  private final StagedModel staged;
  private final SimulatedWriter writer;
  private final SimulatedSnapshot snapshot;
  private MaterializeState state;
  private List<LaneModel> lanes = List.of();
  private int lanesAtWork;
  private Optional<ErrorReport> laneFailure = Optional.empty();
  private MaterializeEvent lanesEnd = new MaterializeEvent.Merged();
  private boolean waits;

  SimulatedMaterialize(Cluster cluster, SimulatedExecutor executor, RefreshModel model) {
    this.cluster = cluster;
    this.executor = executor;
    this.executorId = executor.node.id();
    this.model = model;
    this.state = MaterializeState.begin(cluster.settings.retryFor());
    this.progress =
        new ProgressModel(cluster.database, model, cluster.mutant != Mutant.NO_GENERATION_CHECK);
    this.work = new WorkModel(cluster.database, model, progress);
    this.staged =
        new StagedModel(
            cluster.database, model, progress, cluster.mutant != Mutant.STAGING_NEVER_LOST);
    this.writer = new SimulatedWriter(cluster, executor.node, progress);
    this.snapshot = new SimulatedSnapshot(cluster, executor.node, model, work);
  }

  Node node() {
    return executor.node;
  }

  String executorId() {
    return executorId;
  }

  long id() {
    return model.id;
  }

  long epoch() {
    return executor.epoch();
  }

  RefreshModel model() {
    return model;
  }

  ProgressModel progress() {
    return progress;
  }

  WorkModel work() {
    return work;
  }

  StagedModel staged() {
    return staged;
  }

  SimulatedWriter writer() {
    return writer;
  }

  SimulatedSnapshot snapshot() {
    return snapshot;
  }

  List<LaneModel> lanes() {
    return lanes;
  }

  void direct(Directive directive) {
    handle(new MaterializeEvent.Directed(directive));
  }

  /** Nothing more will be begun for it. */
  boolean isEnding() {
    return state.wanted() instanceof Directive.End;
  }

  boolean hasAnswered(long epoch) {
    return lanes.stream().allMatch(lane -> lane.hasAnswered(epoch));
  }

  Report report() {
    return new Report(
        model.id, state.attempt(), state.work(), lanesAtWork, 0, 0, state.failure().orElse(null));
  }

  private void handle(MaterializeEvent event) {
    cluster.trace(node(), () -> "refresh " + id() + " heard " + event);
    var step = MaterializeProtocol.handle(state, event);
    state = step.state();
    for (var effect : step.effects()) {
      switch (effect) {
        case MaterializeEffect.Limit limit -> {}
        case MaterializeEffect.Stop stop -> stopLanes();
        case MaterializeEffect.TellChanged tell -> node().after(0, () -> executor.changed(id()));
        case MaterializeEffect.Work next -> node().after(0, () -> begin(next));
      }
    }
    if (waits && !state.mayWork()) {
      waits = false;
      node().after(0, () -> handle(new MaterializeEvent.Waited()));
    }
  }

  private void begin(MaterializeEffect.Work next) {
    switch (next) {
      case MaterializeEffect.Load load ->
          cluster.home.call(
              node(),
              work::load,
              row -> handle(new MaterializeEvent.Loaded(row.active(), row.planned())),
              this::failed);
      case MaterializeEffect.Plan plan -> plan();
      case MaterializeEffect.Look look -> look();
      case MaterializeEffect.LoadSplits load ->
          lanesWork(
              lane -> new SimulatedStagedLane(cluster, this, lane, true),
              new MaterializeEvent.SplitsLoaded());
      case MaterializeEffect.FinishLoad finish -> finishLoad();
      case MaterializeEffect.Merge merge ->
          lanesWork(
              lane ->
                  model.staged
                      ? new SimulatedStagedLane(cluster, this, lane, false)
                      : new SimulatedLane(cluster, this, lane),
              new MaterializeEvent.Merged());
      case MaterializeEffect.Flush flush ->
          writer.flush(
              written -> {
                if (written) {
                  handle(new MaterializeEvent.Flushed());
                } else {
                  failed();
                }
              });
      case MaterializeEffect.Finish finish -> finish();
      case MaterializeEffect.Wait wait -> {
        waits = true;
        node()
            .after(
                wait.millis(),
                () -> {
                  if (waits) {
                    waits = false;
                    handle(new MaterializeEvent.Waited());
                  }
                });
      }
      case MaterializeEffect.Leave leave -> {
        writer.close();
        snapshot.close();
        executor.left(id());
      }
    }
  }

  private void failed() {
    handle(
        new MaterializeEvent.Failed(
            node().nanos(), ErrorReport.of(ErrorCode.HOME_UNREACHABLE, "did not answer"), true));
  }

  private void plan() {
    cluster.home.call(
        node(),
        () -> work.claimPlanning(executorId),
        generation -> {
          if (generation.isEmpty()) {
            handle(new MaterializeEvent.Planned(false));
          } else {
            plan(generation.getAsLong());
          }
        },
        this::failed);
  }

  private void plan(long generation) {
    cluster.sources.call(
        node(),
        () -> snapshot.fresh(),
        connection ->
            cluster.home.call(
                node(),
                () -> store(generation, connection),
                stored -> {
                  switch (stored) {
                    case STREAMED -> {
                      snapshot.keep(connection);
                      handle(new MaterializeEvent.Planned(true));
                    }
                    case STAGED -> {
                      snapshot.drop(connection);
                      handle(new MaterializeEvent.Planned(true));
                    }
                    case UNCHANGED -> {
                      snapshot.drop(connection);
                      handle(new MaterializeEvent.Unchanged());
                    }
                    case FENCED -> {
                      snapshot.drop(connection);
                      giveBack(generation, () -> handle(new MaterializeEvent.Planned(false)));
                    }
                  }
                },
                () -> {
                  snapshot.drop(connection);
                  failed();
                }),
        () -> giveBack(generation, this::failed));
  }

  private enum Stored {
    STREAMED,
    STAGED,
    UNCHANGED,
    FENCED
  }

  /** Planning.store, StagedPlanning. */
  private Stored store(long generation, SourceModel.Connection connection) {
    var content = connection.content;
    var since =
        cluster.mutant == Mutant.UNCHANGED_UNCHECKED
            ? work.sinceEver(content)
            : work.since(generation, content);
    if (since > 0) {
      return work.end(executorId, generation, since, content) ? Stored.UNCHANGED : Stored.FENCED;
    }
    if (!work.storePlan(generation, executorId + "/keeper", connection.exportedId, content)) {
      return Stored.FENCED;
    }
    return model.staged ? Stored.STAGED : Stored.STREAMED;
  }

  /** What cannot be given back stays this executor's. */
  private void giveBack(long generation, Runnable then) {
    cluster.home.call(
        node(),
        () -> {
          work.release(generation);
          return true;
        },
        released -> then.run(),
        then);
  }

  private void finish() {
    cluster.home.call(
        node(),
        () -> work.claimFinishing(executorId),
        generation -> {
          if (generation.isEmpty()) {
            handle(new MaterializeEvent.Finished());
          } else {
            finish(generation.getAsLong());
          }
        },
        this::failed);
  }

  private void finish(long generation) {
    cluster.home.call(
        node(),
        () -> work.load().skipDeletes(),
        skipDeletes ->
            cluster.home.call(
                node(),
                () -> work.finish(executorId, generation, skipDeletes),
                finished -> {
                  switch (finished) {
                    case SUCCEEDED -> handle(new MaterializeEvent.Finished());
                    case FENCED ->
                        giveBack(generation, () -> handle(new MaterializeEvent.Finished()));
                    case TARGET_CHANGED -> giveBack(generation, this::targetChanged);
                  }
                },
                this::failed),
        this::failed);
  }

  private void targetChanged() {
    handle(
        new MaterializeEvent.Failed(
            node().nanos(), ErrorReport.of(ErrorCode.TARGET_CHANGED, "counts differ"), false));
  }

  private void look() {
    cluster.home.call(
        node(),
        () -> {
          staged.releaseAll(executorId);
          progress.releaseAll(executorId);
          return free();
        },
        free -> handle(new MaterializeEvent.Looked(free)),
        this::failed);
  }

  /** StreamedWay.look, StagedWay.look. */
  private Free free() {
    var look = staged.look();
    if (!model.staged || look.loaded()) {
      return look.anyVNode() ? Free.VNODES : Free.NOTHING;
    }
    if (look.anySplit()) {
      return Free.SPLITS;
    }
    return look.anyIncomplete() ? Free.NOTHING : Free.STAGING;
  }

  private record LoadClaim(OptionalLong generation, int load) {}

  private void finishLoad() {
    cluster.home.call(
        node(),
        () -> new LoadClaim(staged.claimLoadFinish(executorId), staged.load()),
        claim -> {
          if (claim.generation().isEmpty()) {
            handle(new MaterializeEvent.LoadFinished(false));
          } else {
            finishLoad(claim.generation().getAsLong(), claim.load());
          }
        },
        this::failed);
  }

  private void finishLoad(long generation, int load) {
    cluster.home.call(
        node(),
        () -> staged.finishLoad(generation, load),
        outcome -> {
          switch (outcome) {
            case WRITTEN, STAGING_LOST -> handle(new MaterializeEvent.LoadFinished(true));
            case FENCED ->
                giveBack(generation, () -> handle(new MaterializeEvent.LoadFinished(false)));
          }
        },
        this::failed);
  }

  private void lanesWork(Function<String, LaneModel> lane, MaterializeEvent end) {
    laneFailure = Optional.empty();
    lanesEnd = end;
    if (!state.mayWork()) {
      handle(end);
      return;
    }
    var crew = new ArrayList<LaneModel>();
    for (var i = 1; i <= cluster.settings.lanes(); i++) {
      crew.add(lane.apply("lane-" + i));
    }
    lanes = List.copyOf(crew);
    lanesAtWork = lanes.size();
    crew.forEach(LaneModel::begin);
  }

  private void stopLanes() {
    var crew = lanes;
    crew.forEach(LaneModel::stop);
    if (!crew.isEmpty()) {
      node().after(STOP_MILLIS, () -> crew.forEach(LaneModel::abort));
    }
  }

  void laneEnded(Optional<ErrorReport> failure) {
    lanesAtWork--;
    if (failure.isPresent() && laneFailure.isEmpty()) {
      laneFailure = failure;
      stopLanes();
    }
    if (lanesAtWork == 0) {
      node().after(0, this::merged);
    }
  }

  private void merged() {
    lanes = List.of();
    handle(
        laneFailure
            .<MaterializeEvent>map(why -> new MaterializeEvent.CutOff(node().nanos(), why, true))
            .orElse(lanesEnd));
  }
}
