package io.tidemark.suite.simulation;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.RefreshProgressTable.Checkpoint;
import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.common.refresh.RowCounts;
import io.tidemark.executor.core.LaneEffect;
import io.tidemark.executor.core.LaneEvent;
import io.tidemark.executor.core.LaneProtocol;
import io.tidemark.executor.core.LaneState;
import io.tidemark.suite.simulation.home.Difference;
import io.tidemark.suite.simulation.home.Keys;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The shell around {@link LaneProtocol}: models {@code Lane}, and the merge between checkpoints.
 */
final class SimulatedLane implements LaneModel {
  private static final ErrorReport FAULT =
      ErrorReport.of(ErrorCode.SOURCE_FAILED, "a row that cannot be read");

  /** As {@code Lane} has it. */
  static final long CLAIM_TRUSTED_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Cluster cluster;
  private final SimulatedMaterialize refresh;
  private final String name;
  private LaneState state;

  /** Counts what is under way: what an abort overtook comes to nothing. */
  private int turn;

  /** When it asked for what it owns. */
  private long claimed;

  private boolean stopping;
  private boolean waits;
  private boolean ended;
  private SimulatedSnapshot.@Nullable Reader reader;
  private @Nullable Merging merging;

  SimulatedLane(Cluster cluster, SimulatedMaterialize refresh, String name) {
    this.cluster = cluster;
    this.refresh = refresh;
    this.name = name;
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
    return state.answered() >= epoch;
  }

  @Override
  public int claims() {
    return state.claims().size();
  }

  private void tell(LaneEvent event) {
    waits = false;
    perform(LaneProtocol.handle(stopping ? state.stop() : state, event));
  }

  private LaneEvent broken() {
    return new LaneEvent.Broken(refresh.node().nanos(), true);
  }

  /** The event is told only where nothing overtook it. */
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
        case LaneEffect.Cut cut -> leave();
        case LaneEffect.LeaveSnapshot leave -> leave();
        case LaneEffect.CountFenced fenced -> {}
        case LaneEffect.Work work -> {
          turn++;
          work(work);
        }
      }
    }
  }

  private void leave() {
    var open = reader;
    reader = null;
    if (open != null) {
      refresh.snapshot().drop(open.connection());
    }
  }

  private void work(LaneEffect.Work work) {
    switch (work) {
      case LaneEffect.ClaimSome claim -> {
        claimed = refresh.node().nanos();
        withReader(this::claimSome);
      }
      case LaneEffect.Merge merge ->
          asOwner(merge.claim(), () -> withReader(open -> open(open, merge.claim())));
      case LaneEffect.ReadOn readOn -> read(merging());
      case LaneEffect.HandOver position -> {
        var merge = merging();
        refresh.writer().submit(merge.next(position.epoch(), position.completed()), merge.snapshot);
        tell(new LaneEvent.HandedOver());
      }
      case LaneEffect.Write write -> write(merging(), write.epoch(), write.completed());
      case LaneEffect.Retake retake -> retake(retake.claim());
      case LaneEffect.Wait wait -> {
        waits = true;
        var waited = this.<LaneEvent>then(this::tell);
        refresh.node().after(wait.millis(), () -> waited.accept(new LaneEvent.Waited()));
      }
      case LaneEffect.GiveBackFailed failed -> setAside(failed.claim());
      case LaneEffect.GiveBack giveBack -> {
        var told = this.<LaneEvent>then(this::tell);
        refresh
            .writer()
            .flush(
                written ->
                    release(giveBack.claims(), () -> told.accept(new LaneEvent.GivenBack())));
      }
      case LaneEffect.GiveUp giveUp ->
          end(Optional.of(ErrorReport.of(ErrorCode.SOURCE_UNREACHABLE, "did not answer")));
      case LaneEffect.End end -> end(Optional.empty());
    }
  }

  /** As {@code Lane.merge}: what was claimed a while ago may be another's by now. */
  private void asOwner(Claim claim, Runnable begin) {
    if (refresh.node().nanos() - claimed <= CLAIM_TRUSTED_NANOS) {
      begin.run();
      return;
    }
    cluster.home.call(
        refresh.node(),
        () -> refresh.progress().owns(claim),
        this.<Boolean>then(
            owns -> {
              if (owns) {
                begin.run();
              } else {
                tell(new LaneEvent.Fenced());
              }
            }),
        orBroken());
  }

  private void end(Optional<ErrorReport> failure) {
    ended = true;
    state = LaneProtocol.handle(state.stop(), new LaneEvent.GivenBack()).state();
    leave();
    refresh.laneEnded(failure);
  }

  private Merging merging() {
    var current = merging;
    if (current == null) {
      throw new IllegalStateException("no VNode is open");
    }
    return current;
  }

  private void withReader(Consumer<SimulatedSnapshot.Reader> then) {
    var open = reader;
    if (open != null) {
      then.accept(open);
      return;
    }
    var mine = turn;
    refresh
        .snapshot()
        .open(
            name,
            opened -> {
              if (mine != turn || ended) {
                refresh.snapshot().drop(opened.connection());
                return;
              }
              reader = opened;
              then.accept(opened);
            },
            orBroken());
  }

  private void claimSome(SimulatedSnapshot.Reader open) {
    cluster.home.call(
        refresh.node(),
        () ->
            refresh
                .progress()
                .claim(refresh.executorId(), open.number(), cluster.settings.claimSize()),
        this.<List<Claim>>then(
            found ->
                tell(new LaneEvent.Claimed(found, open.number() < refresh.snapshot().number()))),
        orBroken());
  }

  private void retake(Claim claim) {
    Runnable ask =
        () ->
            cluster.home.call(
                refresh.node(),
                () -> refresh.progress().retake(claim),
                this.<Optional<Claim>>then(found -> tell(new LaneEvent.Retaken(found))),
                orBroken());
    if (!refresh.writer().isPending(claim.vnode())) {
      ask.run();
      return;
    }
    refresh
        .writer()
        .flush(
            this.<Boolean>then(
                written -> {
                  if (written) {
                    ask.run();
                  } else {
                    tell(broken());
                  }
                }));
  }

  private void setAside(Claim claim) {
    refresh
        .writer()
        .flush(
            this.<Boolean>then(
                flushed ->
                    cluster.home.call(
                        refresh.node(),
                        () -> {
                          refresh.progress().setAside(claim, FAULT, false);
                          return true;
                        },
                        this.<Boolean>then(done -> tell(new LaneEvent.SetAside())),
                        orBroken())));
  }

  private void write(Merging merge, long epoch, boolean completed) {
    var checkpoint = merge.next(epoch, completed);
    var chunk = List.copyOf(merge.chunk);
    refresh.writer().overtake(checkpoint.vnode(), checkpoint.checkpoint());
    cluster.home.call(
        refresh.node(),
        () -> refresh.work().writeChunk(refresh.executorId(), checkpoint, chunk, merge.snapshot),
        this.<Boolean>then(
            written -> {
              if (written) {
                merge.chunk.clear();
              }
              tell(written ? new LaneEvent.Written() : new LaneEvent.Fenced());
            }),
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
          refresh.progress().release(claims.getFirst());
          return true;
        },
        released -> release(claims.subList(1, claims.size()), done),
        done);
  }

  private void open(SimulatedSnapshot.Reader open, Claim claim) {
    cluster.home.call(
        refresh.node(),
        () -> refresh.model().table.target.clone(),
        this.<int[]>then(
            target -> {
              var merge = new Merging(claim, open.connection(), open.number(), target);
              merging = merge;
              cluster.opened(refresh.model(), claim, open.number());
              read(merge);
            }),
        orBroken());
  }

  private void read(Merging merge) {
    var on = this.<Merging>then(this::readSome);
    refresh.node().after(cluster.time.between(5, 120), () -> on.accept(merge));
  }

  /** A few rows; events are for barriers, chunks, ends and errors, as in {@code Lane}. */
  private void readSome(Merging merge) {
    for (var i = cluster.time.between(1, 4); i > 0; i--) {
      if (merge.at == merge.last()) {
        tell(new LaneEvent.Ended(refresh.epoch(), !merge.chunk.isEmpty()));
        return;
      }
      if (cluster.isRough() && cluster.time.chance(cluster.settings.rowFaults())) {
        tell(new LaneEvent.Failed());
        return;
      }
      if (streamBreaks(merge)) {
        if (cluster.mutant != Mutant.BROKEN_STREAM_ENDS) {
          tell(broken());
          return;
        }
        merge.sourceEnded = true;
      }
      if (merge.advance() && (isFull(merge) || refresh.epoch() != state.answered() || stopping)) {
        tell(new LaneEvent.Reached(refresh.epoch(), !merge.chunk.isEmpty()));
        return;
      }
    }
    read(merge);
  }

  private boolean isFull(Merging merge) {
    return merge.chunk.size() >= cluster.settings.chunkRows();
  }

  private boolean streamBreaks(Merging merge) {
    return !merge.source.isAlive()
        || !cluster.sources.reaches(refresh.node())
        || (cluster.isRough() && cluster.time.chance(cluster.settings.streamBreaks()));
  }

  /** Models {@code VNodeMerge} over {@code StreamingMerge}. */
  private static final class Merging {
    private final Claim claim;
    private final SourceModel.Connection source;
    private final int snapshot;
    private final int[] target;
    private final List<Difference> chunk = new ArrayList<>();
    private long checkpoint;
    private int at;
    private int merged;
    private RowCounts counts;
    private boolean sourceEnded;

    Merging(Claim claim, SourceModel.Connection source, int snapshot, int[] target) {
      this.claim = claim;
      this.source = source;
      this.snapshot = snapshot;
      this.target = target;
      this.checkpoint = claim.checkpoint();
      this.at = Keys.of(claim.position().or(claim::lower), -1);
      this.merged = Keys.of(claim.position(), -1);
      this.counts = claim.rows();
    }

    int last() {
      return Keys.of(claim.upper(), Keys.COUNT - 1);
    }

    /** Passes a key. False: there was no row at it. */
    boolean advance() {
      var key = ++at;
      var left = sourceEnded ? 0 : source.content[key];
      var right = target[key];
      if (left == 0 && right == 0) {
        return false;
      }
      merged = key;
      var one = Keys.ROWS_PER_KEY;
      var read = left == 0 ? 0 : one;
      if (left == right) {
        counts = counts.plus(new RowCounts(read, 0, 0, 0));
        return true;
      }
      var op = right == 0 ? 'I' : left == 0 ? 'D' : 'U';
      chunk.add(new Difference(0, claim.vnode(), op, key, left, snapshot));
      counts =
          counts.plus(
              new RowCounts(read, op == 'I' ? one : 0, op == 'U' ? one : 0, op == 'D' ? one : 0));
      return true;
    }

    Checkpoint next(long epoch, boolean completed) {
      return Checkpoint.of(
          claim, snapshot, ++checkpoint, epoch, Keys.text(merged), completed, counts, 0);
    }
  }
}
