package io.tidemark.executor.lane;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.common.refresh.RefreshStage;
import io.tidemark.executor.core.LaneEffect;
import io.tidemark.executor.core.LaneEvent;
import io.tidemark.executor.core.LaneProtocol;
import io.tidemark.executor.core.LaneState;
import io.tidemark.executor.merge.ConnectionLoss;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream of work, on a virtual thread of its own: claims VNodes, merges one at a time, and
 * checkpoints at each barrier, at chunk size and at a VNode's end. Ends when there is nothing left
 * to claim, when it is stopped, or with an error that trying again cannot mend.
 *
 * <p>What it does next, {@link LaneProtocol} decides; it is asked between checkpoints and after
 * errors, never for a row.
 */
public final class Lane implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);
  private static final int MAX_ROWS_AT_ONCE = 64;
  private static final long MAX_THROTTLE_PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** What one VNode's rows can cause, and others need not meet. */
  private static final Set<ErrorCode> VNODE_FAULTS =
      EnumSet.of(
          ErrorCode.SOURCE_KEY_DUPLICATE,
          ErrorCode.SOURCE_ORDER_BROKEN,
          ErrorCode.SOURCE_FAILED,
          ErrorCode.ROW_REFUSED,
          ErrorCode.BUG);

  private final LaneContext context;
  private final String name;
  private final LaneConnections connections;
  private final ChunkStore chunks;

  private LaneState state;
  private @Nullable VNodeMerge merge;
  private @Nullable SQLException broken;
  private @Nullable ErrorReport failure;
  private int rows;
  private boolean throttled;
  private long readAgainAt;

  private volatile boolean stopping;

  /** {@link LaneState#answered}, for other threads and for the loop over rows. */
  private volatile long answered;

  public Lane(LaneContext context, String name) {
    this.context = context;
    this.name = name;
    this.connections = new LaneConnections(context, name);
    this.chunks = new ChunkStore(context);
    this.state = LaneProtocol.begin(context.retryFor()).state();
  }

  /** Ends it after a checkpoint; what it owns it gives back. */
  public void stop() {
    stopping = true;
  }

  /** Ends it at once, also out of a read from a silent server. */
  public void abort() {
    stopping = true;
    connections.abort();
  }

  /** What it waits for, to be watched from another thread. */
  ServerWait waiting() {
    return connections.waiting();
  }

  /** Whether all it had merged when this epoch's barrier came is handed over for writing. */
  public boolean hasAnswered(long epoch) {
    return answered >= epoch;
  }

  /**
   * Works until there is nothing left.
   *
   * @throws TidemarkException where the refresh cannot go on in this lane
   */
  @Override
  public void run() {
    try {
      var step = LaneProtocol.begin(context.retryFor());
      var event = stopping ? Optional.<LaneEvent>empty() : perform(step);
      while (event.isPresent()) {
        step = LaneProtocol.handle(stopping ? state.stop() : state, event.get());
        event = perform(step);
      }
    } finally {
      answered = LaneState.ANY_EPOCH;
      connections.close();
    }
  }

  /** Empty: it is at its end. */
  private Optional<LaneEvent> perform(LaneProtocol.Step step) {
    state = step.state();
    answered = state.answered();
    var event = Optional.<LaneEvent>empty();
    for (var effect : step.effects()) {
      switch (effect) {
        case LaneEffect.Cut cut -> connections.abort();
        case LaneEffect.LeaveSnapshot leave -> connections.leaveSnapshot();
        case LaneEffect.CountFenced fenced -> fenced(fenced.claim());
        case LaneEffect.Work work -> event = work(work);
      }
    }
    return event;
  }

  private Optional<LaneEvent> work(LaneEffect.Work work) {
    try {
      return switch (work) {
        case LaneEffect.ClaimSome claim -> Optional.of(claimSome());
        case LaneEffect.Merge from -> {
          merge = new VNodeMerge(context, from.claim(), connections.open(from.claim()));
          rows = 0;
          yield Optional.of(read(merge));
        }
        case LaneEffect.ReadOn readOn -> {
          pace();
          yield Optional.of(read(merging()));
        }
        case LaneEffect.HandOver position ->
            Optional.of(handOver(merging(), position.epoch(), position.completed()));
        case LaneEffect.Write chunk ->
            Optional.of(write(merging(), chunk.epoch(), chunk.completed()));
        case LaneEffect.Retake retake -> Optional.of(new LaneEvent.Retaken(retake(retake.claim())));
        case LaneEffect.Wait wait -> {
          Waiting.millis(wait.millis(), () -> stopping);
          yield Optional.of(new LaneEvent.Waited());
        }
        case LaneEffect.GiveBackFailed failed -> {
          setAside(failed.claim());
          yield Optional.of(new LaneEvent.SetAside());
        }
        case LaneEffect.GiveBack all -> {
          giveBack(all.claims());
          yield Optional.of(new LaneEvent.GivenBack());
        }
        case LaneEffect.GiveUp giveUp -> throw givenUp(giveUp.mendable());
        case LaneEffect.End end -> Optional.empty();
      };
    } catch (SQLException e) {
      return Optional.of(broken(e));
    } catch (TidemarkException e) {
      if (state.claims().isEmpty() || work instanceof LaneEffect.GiveUp) {
        throw e;
      }
      var claim = state.claims().getFirst();
      return Optional.of(
          failed(e.code() == ErrorCode.SOURCE_KEY_DUPLICATE ? withSample(claim, e) : at(claim, e)));
    } catch (RuntimeException e) {
      if (state.claims().isEmpty()) {
        throw e;
      }
      var unexpected = new TidemarkException(ErrorCode.BUG, "unexpected: " + e, e);
      return Optional.of(failed(at(state.claims().getFirst(), unexpected)));
    }
  }

  /** Where it may be the VNode's own fault the others go on; else the refresh fails at once. */
  private LaneEvent failed(TidemarkException error) {
    if (!VNODE_FAULTS.contains(error.code())) {
      throw error;
    }
    failure = error.report();
    LOG.atWarn()
        .addKeyValue("refresh", context.args().refreshId())
        .addKeyValue("vnode", error.report().vnode())
        .addKeyValue("code", error.code())
        .addKeyValue("error", error.report().message())
        .log("VNode failed, the others go on");
    return new LaneEvent.Failed();
  }

  private void setAside(Claim claim) throws SQLException {
    var why = failure;
    if (why == null) {
      throw new IllegalStateException("set aside without a reason");
    }
    context.writer().flush();
    connections.write(
        writer -> {
          context.progress().setAside(writer, claim, why, !why.retryable());
          return claim;
        });
  }

  private VNodeMerge merging() {
    var current = merge;
    if (current == null) {
      throw new IllegalStateException("no VNode is open");
    }
    return current;
  }

  private LaneEvent claimSome() throws SQLException {
    var snapshot = connections.snapshotNumber();
    var found =
        connections.write(
            writer ->
                context
                    .progress()
                    .claim(writer, context.executor(), snapshot, context.claimSize()));
    return new LaneEvent.Claimed(found, snapshot < context.snapshot().number());
  }

  private LaneEvent read(VNodeMerge from) throws SQLException {
    for (int keys; (keys = from.advance(MAX_ROWS_AT_ONCE)) > 0; ) {
      rows += keys;
      if (rows >= MAX_ROWS_AT_ONCE) {
        take(rows);
        rows = 0;
      }
      var epoch = context.barriers().epoch();
      if (from.chunk().isFull() || epoch != answered || stopping) {
        return new LaneEvent.Reached(epoch, !from.chunk().isEmpty());
      }
      pace();
    }
    take(rows);
    rows = 0;
    return new LaneEvent.Ended(context.barriers().epoch(), !from.chunk().isEmpty());
  }

  private LaneEvent handOver(VNodeMerge from, long epoch, boolean completed) {
    context.writer().submit(from.next(epoch, completed));
    return new LaneEvent.HandedOver();
  }

  private LaneEvent write(VNodeMerge from, long epoch, boolean completed) throws SQLException {
    var checkpoint = from.next(epoch, completed);
    context.writer().overtake(checkpoint.vnode(), checkpoint.checkpoint());
    if (!connections.write(writer -> chunks.write(writer, checkpoint, from.chunk()))) {
      return new LaneEvent.Fenced();
    }
    from.chunk().clear();
    return new LaneEvent.Written();
  }

  private Optional<Claim> retake(Claim claim) throws SQLException {
    // A position still on its way would be overwritten by an older one.
    if (context.writer().isPending(claim.vnode()) && !context.writer().flush()) {
      throw new SQLException("progress cannot be written", "08006");
    }
    return connections.write(writer -> context.progress().retake(writer, claim));
  }

  private void fenced(Claim claim) {
    context.fenced().run();
    LOG.atWarn()
        .addKeyValue("refresh", context.args().refreshId())
        .addKeyValue("vnode", claim.vnode())
        .addKeyValue("generation", claim.generation())
        .log("fenced: differences refused");
  }

  private LaneEvent broken(SQLException error) {
    broken = error;
    var mendable = ConnectionLoss.isIn(error);
    if (!mendable && !stopping && !state.claims().isEmpty()) {
      var refused = givenUp(false);
      if (VNODE_FAULTS.contains(refused.code())) {
        return failed(refused);
      }
    }
    if (mendable && !stopping) {
      LOG.atWarn()
          .addKeyValue("refresh", context.args().refreshId())
          .addKeyValue("lane", name)
          .addKeyValue("side", side(error))
          .addKeyValue("error", error.getMessage())
          .log("connection lost, trying again");
    }
    return new LaneEvent.Broken(System.nanoTime(), mendable);
  }

  private TidemarkException givenUp(boolean mendable) {
    var error = broken == null ? new SQLException("no error") : broken;
    var claim = state.claims().stream().findFirst();
    return new TidemarkException(
        mendable
            ? LaneErrors.unreachable(side(error), error, claim, context.retryFor())
            : LaneErrors.refused(side(error), error, claim),
        error);
  }

  private static Side side(SQLException error) {
    return error instanceof Side.Broken broken ? broken.side() : Side.HOME;
  }

  private void take(int read) {
    if (context.throttle().limited()) {
      readAgainAt = System.nanoTime() + context.throttle().take(read);
      throttled = true;
    }
  }

  /**
   * Waits where it reads too fast, but not when a barrier is to be answered: what is left of the
   * wait comes after the next row.
   */
  private void pace() {
    while (throttled && !stopping && context.barriers().epoch() == answered) {
      var left = readAgainAt - System.nanoTime();
      if (left <= 0) {
        throttled = false;
        return;
      }
      LockSupport.parkNanos(Math.min(left, MAX_THROTTLE_PARK_NANOS));
    }
  }

  private TidemarkException withSample(Claim claim, TidemarkException error) {
    connections.abort();
    try (var source = connections.freshSource()) {
      var sample = DuplicateKeys.sample(source, context.args().plan(), claim);
      var message =
          sample.isEmpty()
              ? error.report().message()
              : "the key is not unique in the source; among its duplicates are " + sample;
      return at(
          claim, new TidemarkException(ErrorReport.of(ErrorCode.SOURCE_KEY_DUPLICATE, message)));
    } catch (SQLException e) {
      return at(claim, error);
    }
  }

  private static TidemarkException at(Claim claim, TidemarkException error) {
    return new TidemarkException(
        error.report().at(RefreshStage.MERGING, claim.vnode(), claim.position().orElse(null)),
        error);
  }

  /** What cannot be given back is taken from it, when no lane works or when it is lost. */
  private void giveBack(List<Claim> claims) {
    context.writer().flush();
    try {
      for (var claim : claims) {
        connections.write(
            writer -> {
              context.progress().release(writer, claim);
              return claim;
            });
      }
    } catch (SQLException e) {
      LOG.atWarn()
          .addKeyValue("refresh", context.args().refreshId())
          .addKeyValue("lane", name)
          .addKeyValue("error", e.getMessage())
          .log("VNodes not given back yet");
    }
  }
}
