package io.tidemark.suite.simulation;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.executor.core.LaneEffect;
import io.tidemark.executor.core.LaneEvent;
import io.tidemark.executor.core.LaneProtocol;
import io.tidemark.executor.core.LaneState;
import io.tidemark.suite.simulation.home.Keys;
import io.tidemark.suite.simulation.home.SplitRow;
import io.tidemark.suite.simulation.home.StagedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The shell around {@link LaneProtocol} of a staged refresh: models {@code Lane} with {@code
 * SplitLoad} or with {@code StagedVNodes}.
 */
final class SimulatedStagedLane implements LaneModel {
  private static final ErrorReport FAULT =
      ErrorReport.of(ErrorCode.SOURCE_FAILED, "a row that cannot be read");

  private final Cluster cluster;
  private final SimulatedMaterialize refresh;
  private final String name;
  private final boolean loads;
  private LaneState state;

  /** Counts what is under way: what an abort overtook comes to nothing. */
  private int turn;

  /** When it asked for what it owns. */
  private long claimed;

  private boolean stopping;
  private boolean waits;
  private boolean ended;
  private boolean unwritten;
  private int load;
  private @Nullable Claim open;
  private long checkpoint;
  private int position;
  private List<Integer> batch = List.of();

  SimulatedStagedLane(Cluster cluster, SimulatedMaterialize refresh, String name, boolean loads) {
    this.cluster = cluster;
    this.refresh = refresh;
    this.name = name;
    this.loads = loads;
    this.state = LaneProtocol.begin(cluster.settings.retryFor()).state();
  }

  @Override
  public void begin() {
    perform(LaneProtocol.begin(cluster.settings.retryFor()));
  }

  @Override
  public void stop() {
    stopping = true;
    if (waits) {
      tell(new LaneEvent.Waited());
    }
  }

  @Override
  public void abort() {
    if (!ended) {
      stopping = true;
      turn++;
      tell(broken());
    }
  }

  @Override
  public boolean hasAnswered(long epoch) {
    return state.answered() >= epoch || !unwritten;
  }

  @Override
  public int claims() {
    return state.claims().size();
  }

  private StagedModel staged() {
    return refresh.staged();
  }

  private void tell(LaneEvent event) {
    waits = false;
    perform(LaneProtocol.handle(stopping ? state.stop() : state, event));
  }

  private LaneEvent broken() {
    return new LaneEvent.Broken(refresh.node().nanos(), true);
  }

  private <T> Consumer<T> then(Consumer<T> done) {
    var mine = turn;
    return value -> {
      if (mine == turn && !ended) {
        done.accept(value);
      }
    };
  }

  private Runnable orBroken() {
    var told = this.<LaneEvent>then(this::tell);
    return () -> told.accept(broken());
  }

  private void perform(LaneProtocol.Step step) {
    state = step.state();
    for (var effect : step.effects()) {
      cluster.trace(refresh.node(), () -> "lane " + refresh.id() + "/" + name + " " + effect);
      switch (effect) {
        case LaneEffect.Cut cut -> unwritten = false;
        case LaneEffect.LeaveSnapshot leave -> {}
        case LaneEffect.CountFenced fenced -> {}
        case LaneEffect.Work work -> {
          turn++;
          work(work);
        }
      }
    }
  }

  private void work(LaneEffect.Work work) {
    switch (work) {
      case LaneEffect.ClaimSome claim -> {
        claimed = refresh.node().nanos();
        claimSome();
      }
      case LaneEffect.Merge merge -> asOwner(merge.claim());
      case LaneEffect.ReadOn readOn -> read();
      case LaneEffect.HandOver position -> throw new IllegalStateException("always written");
      case LaneEffect.Write write -> write(write.epoch(), write.completed());
      case LaneEffect.Retake retake ->
          cluster.home.call(
              refresh.node(),
              () ->
                  loads
                      ? staged().retake(retake.claim())
                      : refresh.progress().retake(retake.claim()),
              this.<Optional<Claim>>then(found -> tell(new LaneEvent.Retaken(found))),
              orBroken());
      case LaneEffect.Wait wait -> {
        waits = true;
        var waited = this.<LaneEvent>then(this::tell);
        refresh.node().after(wait.millis(), () -> waited.accept(new LaneEvent.Waited()));
      }
      case LaneEffect.GiveBackFailed failed -> setAside(failed.claim());
      case LaneEffect.GiveBack giveBack -> {
        var told = this.<LaneEvent>then(this::tell);
        release(giveBack.claims(), () -> told.accept(new LaneEvent.GivenBack()));
      }
      case LaneEffect.GiveUp giveUp ->
          end(Optional.of(ErrorReport.of(ErrorCode.SOURCE_UNREACHABLE, "did not answer")));
      case LaneEffect.End end -> end(Optional.empty());
    }
  }

  /** As {@code Lane.merge}: what was claimed a while ago may be another's by now. */
  private void asOwner(Claim claim) {
    if (refresh.node().nanos() - claimed <= SimulatedLane.CLAIM_TRUSTED_NANOS) {
      open(claim);
      return;
    }
    cluster.home.call(
        refresh.node(),
        () -> loads ? staged().owns(claim) : refresh.progress().owns(claim),
        this.<Boolean>then(
            owns -> {
              if (owns) {
                open(claim);
              } else {
                tell(new LaneEvent.Fenced());
              }
            }),
        orBroken());
  }

  private void end(Optional<ErrorReport> failure) {
    ended = true;
    unwritten = false;
    state = LaneProtocol.handle(state.stop(), new LaneEvent.GivenBack()).state();
    refresh.laneEnded(failure);
  }

  private record Found(int load, List<Claim> claims) {}

  private void claimSome() {
    var limit = cluster.settings.claimSize();
    cluster.home.call(
        refresh.node(),
        () -> {
          var now = staged().load();
          return new Found(
              now,
              loads
                  ? staged().claim(refresh.executorId(), now, limit)
                  : refresh.progress().claim(refresh.executorId(), now, limit));
        },
        this.<Found>then(
            found -> {
              load = found.load();
              tell(new LaneEvent.Claimed(found.claims(), false));
            }),
        orBroken());
  }

  private void open(Claim claim) {
    open = claim;
    checkpoint = claim.checkpoint();
    position = Keys.of(claim.position(), -1);
    batch = List.of();
    if (!loads) {
      cluster.opened(refresh.model(), claim, 1);
    }
    read();
  }

  private void read() {
    if (!loads) {
      tell(new LaneEvent.Ended(refresh.epoch(), true));
      return;
    }
    var on = this.<Integer>then(this::readSome);
    refresh.node().after(cluster.time.between(5, 120), () -> on.accept(cluster.time.between(1, 3)));
  }

  private void readSome(int rows) {
    var split = opened().vnode();
    var keys = new ArrayList<Integer>();
    var content = staged().version();
    var at = position;
    for (var i = 0; i < rows; i++) {
      if (cluster.isRough() && cluster.time.chance(cluster.settings.rowFaults())) {
        tell(new LaneEvent.Failed());
        return;
      }
      if (!cluster.sources.reaches(refresh.node())
          || (cluster.isRough() && cluster.time.chance(cluster.settings.streamBreaks()))) {
        tell(broken());
        return;
      }
      var key = SplitRow.next(split, at);
      if (key >= Keys.COUNT) {
        break;
      }
      at = key;
      if (content[key] != 0) {
        keys.add(key);
      }
    }
    var ends = at == position;
    position = at;
    batch = keys;
    unwritten = true;
    tell(
        ends
            ? new LaneEvent.Ended(refresh.epoch(), true)
            : new LaneEvent.Reached(refresh.epoch(), true));
  }

  private Claim opened() {
    var current = open;
    if (current == null) {
      throw new IllegalStateException("nothing is open");
    }
    return current;
  }

  private void write(long epoch, boolean completed) {
    unwritten = true;
    var claim = opened();
    var number = ++checkpoint;
    var keys = batch;
    var at = position;
    var known = load;
    cluster.home.call(
        refresh.node(),
        () ->
            loads
                ? staged().append(claim, known, number, keys, at, completed)
                : staged().compare(refresh.executorId(), claim, known, epoch),
        this.<StagedModel.Outcome>then(
            outcome -> {
              unwritten = false;
              tell(
                  outcome == StagedModel.Outcome.WRITTEN
                      ? new LaneEvent.Written()
                      : new LaneEvent.Fenced());
            }),
        orBroken());
  }

  private void setAside(Claim claim) {
    cluster.home.call(
        refresh.node(),
        () -> {
          if (loads) {
            staged().setAside(claim, FAULT, false);
          } else {
            refresh.progress().setAside(claim, FAULT, false);
          }
          return true;
        },
        this.<Boolean>then(done -> tell(new LaneEvent.SetAside())),
        orBroken());
  }

  private void release(List<Claim> claims, Runnable done) {
    if (claims.isEmpty()) {
      done.run();
      return;
    }
    cluster.home.call(
        refresh.node(),
        () -> {
          if (loads) {
            staged().release(claims.getFirst());
          } else {
            refresh.progress().release(claims.getFirst());
          }
          return true;
        },
        released -> release(claims.subList(1, claims.size()), done),
        done);
  }
}
