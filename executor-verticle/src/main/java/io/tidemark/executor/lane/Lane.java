package io.tidemark.executor.lane;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.RefreshProgressTable.Claim;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream of work, on a virtual thread of its own: claims VNodes or splits, works on one at a
 * time, and checkpoints at each barrier, at chunk size and at a piece's end. Ends when there is
 * nothing left to claim, when it is stopped, or with an error that trying again cannot mend.
 *
 * <p>What it does next, {@link LaneProtocol} decides; it is asked between checkpoints and after
 * errors, never for a row. How it is done, {@link LaneWork} knows.
 */
public final class Lane implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

  /** What one piece's rows can cause, and others need not meet. */
  private static final Set<ErrorCode> PIECE_FAULTS =
      EnumSet.of(
          ErrorCode.SOURCE_KEY_DUPLICATE,
          ErrorCode.SOURCE_ORDER_BROKEN,
          ErrorCode.SOURCE_FAILED,
          ErrorCode.ROW_REFUSED,
          ErrorCode.ROW_MALFORMED,
          ErrorCode.BUG);

  /** For so long a lane begins what it has claimed without asking whether it is still its own. */
  private static final long CLAIM_TRUSTED_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final LaneContext context;
  private final String name;
  private final LanePace pace;
  private final LaneWork work;

  private LaneState state;

  /** When it asked for what it owns. */
  private long claimed = System.nanoTime();

  private volatile boolean progressed;
  private volatile boolean cutOff;
  private @Nullable SQLException broken;
  private @Nullable ErrorReport failure;

  Lane(LaneContext context, String name, LanePace pace, LaneWork work) {
    this.context = context;
    this.name = name;
    this.pace = pace;
    this.work = work;
    this.state = LaneProtocol.begin(context.holdFor()).state();
  }

  /** Ends it after a checkpoint; what it owns it gives back. */
  public void stop() {
    pace.stop();
  }

  /** Ends it at once, also out of a read from a silent server. */
  public void abort() {
    pace.stop();
    work.abort();
  }

  /** What it waits for, to be watched from another thread. */
  ServerWait waiting() {
    return work.waiting();
  }

  /** Whether all it had read when this epoch's barrier came is handed over for writing. */
  public boolean hasAnswered(long epoch) {
    return pace.hasAnswered(epoch) || !work.isUnwritten();
  }

  /**
   * Works until there is nothing left.
   *
   * @throws TidemarkException where the refresh cannot go on in this lane
   */
  @Override
  public void run() {
    try {
      var step = LaneProtocol.begin(context.holdFor());
      var event = pace.stopping() ? Optional.<LaneEvent>empty() : perform(step);
      while (event.isPresent()) {
        step = LaneProtocol.handle(pace.stopping() ? state.stop() : state, event.get());
        event = perform(step);
      }
    } finally {
      pace.answer(LaneState.ANY_EPOCH);
      work.cut();
    }
  }

  /** Empty: it is at its end. */
  private Optional<LaneEvent> perform(LaneProtocol.Step step) {
    state = step.state();
    pace.answer(state.answered());
    var event = Optional.<LaneEvent>empty();
    for (var effect : step.effects()) {
      switch (effect) {
        case LaneEffect.Cut cut -> work.cut();
        case LaneEffect.LeaveSnapshot leave -> work.leaveSnapshot();
        case LaneEffect.CountFenced fenced -> fenced(fenced.claim());
        case LaneEffect.Work next -> event = carryOut(next);
      }
    }
    return event;
  }

  private Optional<LaneEvent> carryOut(LaneEffect.Work next) {
    try {
      return switch (next) {
        case LaneEffect.ClaimSome claim -> {
          claimed = System.nanoTime();
          yield Optional.of(work.claim());
        }
        case LaneEffect.Merge from -> Optional.of(merge(from.claim()));
        case LaneEffect.ReadOn readOn -> {
          pace.hold();
          yield Optional.of(work.read());
        }
        case LaneEffect.HandOver position ->
            Optional.of(gotOn(work.handOver(position.epoch(), position.completed())));
        case LaneEffect.Write chunk ->
            Optional.of(gotOn(work.write(chunk.epoch(), chunk.completed())));
        case LaneEffect.Retake retake ->
            Optional.of(new LaneEvent.Retaken(work.retake(retake.claim())));
        case LaneEffect.Wait wait -> {
          Waiting.millis(wait.millis(), pace::stopping);
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
        case LaneEffect.GiveUp giveUp -> {
          cutOff = giveUp.mendable();
          throw givenUp(giveUp.mendable());
        }
        case LaneEffect.End end -> Optional.empty();
      };
    } catch (SQLException e) {
      return Optional.of(broken(e));
    } catch (TidemarkException e) {
      if (state.claims().isEmpty() || next instanceof LaneEffect.GiveUp) {
        throw e;
      }
      return Optional.of(failed(work.explain(state.claims().getFirst(), e)));
    } catch (RuntimeException e) {
      if (state.claims().isEmpty()) {
        throw e;
      }
      var unexpected = new TidemarkException(ErrorCode.BUG, "unexpected: " + e, e);
      return Optional.of(failed(work.explain(state.claims().getFirst(), unexpected)));
    }
  }

  private LaneEvent gotOn(LaneEvent checkpointed) {
    progressed = true;
    return checkpointed;
  }

  /** Whether it has come to a checkpoint. */
  boolean progressed() {
    return progressed;
  }

  /** Whether it gave up because a server did not let it in for a while. */
  boolean cutOff() {
    return cutOff;
  }

  /** What was claimed with others, and a while ago, may be another's by now. */
  private LaneEvent merge(Claim claim) throws SQLException {
    if (System.nanoTime() - claimed > CLAIM_TRUSTED_NANOS && !work.owns(claim)) {
      return new LaneEvent.Fenced();
    }
    return work.open(claim) ? work.read() : new LaneEvent.Fenced();
  }

  /** Where it may be the piece's own fault the others go on; else the refresh fails at once. */
  private LaneEvent failed(TidemarkException error) {
    if (!PIECE_FAULTS.contains(error.code())) {
      throw error;
    }
    failure = error.report();
    LOG.atWarn()
        .addKeyValue("refresh", context.args().refreshId())
        .addKeyValue("stage", work.stage())
        .addKeyValue("vnode", error.report().vnode())
        .addKeyValue("code", error.code())
        .addKeyValue("error", error.report().message())
        .log("one failed, the others go on");
    return new LaneEvent.Failed();
  }

  private void setAside(Claim claim) throws SQLException {
    var why = failure;
    if (why == null) {
      throw new IllegalStateException("set aside without a reason");
    }
    work.setAside(claim, why);
  }

  private void fenced(Claim claim) {
    context.fenced().run();
    LOG.atWarn()
        .addKeyValue("refresh", context.args().refreshId())
        .addKeyValue("stage", work.stage())
        .addKeyValue("number", claim.vnode())
        .addKeyValue("generation", claim.generation())
        .log("fenced: what was found is refused");
  }

  private LaneEvent broken(SQLException error) {
    broken = error;
    var mendable = ConnectionLoss.isIn(error);
    if (!mendable && !pace.stopping() && !state.claims().isEmpty()) {
      var refused = givenUp(false);
      if (PIECE_FAULTS.contains(refused.code())) {
        return failed(refused);
      }
    }
    if (mendable && !pace.stopping()) {
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
    var report =
        mendable
            ? LaneErrors.unreachable(side(error), error, context.holdFor())
            : LaneErrors.refused(side(error), error);
    var plain = new TidemarkException(report, error);
    return state.claims().stream()
        .findFirst()
        .map(claim -> work.explain(claim, plain))
        .orElse(plain);
  }

  private static Side side(SQLException error) {
    return error instanceof Side.Broken broken ? broken.side() : Side.HOME;
  }

  /** What cannot be given back is taken from it, when no lane works or when it is lost. */
  private void giveBack(List<Claim> claims) {
    try {
      work.release(claims);
    } catch (SQLException e) {
      LOG.atWarn()
          .addKeyValue("refresh", context.args().refreshId())
          .addKeyValue("lane", name)
          .addKeyValue("error", e.getMessage())
          .log("not given back yet");
    }
  }
}
