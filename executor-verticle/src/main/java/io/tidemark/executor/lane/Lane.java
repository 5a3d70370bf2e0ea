package io.tidemark.executor.lane;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.common.refresh.RefreshStage;
import io.tidemark.executor.merge.ConnectionLoss;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream of work, on a virtual thread of its own: claims VNodes, merges one at a time, and
 * checkpoints at each barrier, at chunk size and at a VNode's end. Ends when there is nothing left
 * to claim, when it is stopped, or with an error that trying again cannot mend.
 *
 * <p>After an error of a connection it drops all of its connections, waits (twice as long each
 * time), reads back from Postgres where its VNode stands, and goes on from there. A VNode that it
 * lost to another owner it lets go without a word: nothing it found since the last checkpoint was
 * written.
 */
public final class Lane implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);
  private static final int ROWS_BETWEEN_THROTTLES = 64;
  private static final long MAX_THROTTLE_PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final LaneContext context;
  private final String name;
  private final LaneConnections connections;
  private final ChunkStore chunks;
  private final Backoff backoff;
  private final Deque<Claim> claims = new ArrayDeque<>();

  private boolean throttled;
  private long readAgainAt;

  private volatile boolean stopping;

  /** The newest epoch whose barrier this lane has answered with a checkpoint. */
  private volatile long answered;

  public Lane(LaneContext context, String name) {
    this.context = context;
    this.name = name;
    this.connections = new LaneConnections(context, name);
    this.chunks = new ChunkStore(context);
    this.backoff = new Backoff(context.retryFor());
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
      while (!stopping && claimSome()) {
        while (!claims.isEmpty() && !stopping) {
          if (mergeUntilDone(claims.getFirst())) {
            claims.removeFirst();
          }
        }
      }
      giveBack();
    } finally {
      answered = Long.MAX_VALUE;
      connections.close();
    }
  }

  private boolean claimSome() {
    while (true) {
      try {
        var snapshot = connections.snapshotNumber();
        var found =
            connections.write(
                writer ->
                    context
                        .progress()
                        .claim(writer, context.executor(), snapshot, context.claimSize()));
        backoff.reset();
        if (found.isEmpty() && snapshot < context.snapshot().number()) {
          connections.leaveSnapshot();
          continue;
        }
        claims.addAll(found);
        return !found.isEmpty();
      } catch (SQLException e) {
        recover(e, Optional.empty());
        if (stopping) {
          return false;
        }
      }
    }
  }

  /** Returns false where it was stopped before the VNode's end. */
  private boolean mergeUntilDone(Claim first) {
    var claim = first;
    while (!stopping) {
      try {
        return merge(claim);
      } catch (SQLException e) {
        recover(e, Optional.of(claim));
        var mine = retake(claim);
        if (mine.isEmpty()) {
          return !stopping;
        }
        claim = mine.get();
      } catch (TidemarkException e) {
        throw e.code() == ErrorCode.SOURCE_KEY_DUPLICATE ? withSample(claim, e) : at(claim, e);
      }
    }
    return false;
  }

  /** Returns false where it was stopped; true also where the VNode was lost to another owner. */
  private boolean merge(Claim claim) throws SQLException {
    var merge = new VNodeMerge(context, claim, connections.open(claim));
    var rows = 0;
    while (merge.advance()) {
      var epoch = context.barriers().epoch();
      if (merge.chunk().isFull() || epoch != answered || stopping) {
        if (!checkpoint(merge, epoch, false)) {
          return true;
        }
        answered = epoch;
        if (stopping) {
          return false;
        }
      }
      if (++rows == ROWS_BETWEEN_THROTTLES) {
        take(rows);
        rows = 0;
      }
      pace();
    }
    take(rows);
    checkpoint(merge, context.barriers().epoch(), true);
    return true;
  }

  /** Returns false where the VNode was lost: its streams are cut. */
  private boolean checkpoint(VNodeMerge merge, long epoch, boolean completed) throws SQLException {
    if (!completed && !merge.moved()) {
      return true;
    }
    var checkpoint = merge.next(epoch, completed);
    if (merge.chunk().isEmpty()) {
      context.writer().submit(checkpoint);
      return true;
    }
    context.writer().overtake(checkpoint.vnode(), checkpoint.checkpoint());
    var written = connections.write(writer -> chunks.write(writer, checkpoint, merge.chunk()));
    if (!written) {
      context.fenced().run();
      LOG.atWarn()
          .addKeyValue("refresh", context.args().refreshId())
          .addKeyValue("vnode", checkpoint.vnode())
          .addKeyValue("generation", checkpoint.generation())
          .log("fenced: differences refused");
      connections.abort();
      return false;
    }
    merge.chunk().clear();
    backoff.reset();
    return true;
  }

  private void take(int rows) {
    if (context.throttle().limited()) {
      readAgainAt = System.nanoTime() + context.throttle().take(rows);
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

  /** Waits before the next try, or gives up. */
  private void recover(SQLException error, Optional<Claim> claim) {
    connections.abort();
    if (stopping) {
      return;
    }
    var side = error instanceof Side.Broken broken ? broken.side() : Side.HOME;
    if (!ConnectionLoss.isIn(error)) {
      throw new TidemarkException(LaneErrors.refused(side, error, claim), error);
    }
    LOG.atWarn()
        .addKeyValue("refresh", context.args().refreshId())
        .addKeyValue("lane", name)
        .addKeyValue("side", side)
        .addKeyValue("error", error.getMessage())
        .log("connection lost, trying again");
    answered = Long.MAX_VALUE;
    if (!backoff.await(() -> stopping)) {
      throw new TidemarkException(
          LaneErrors.unreachable(side, error, claim, context.retryFor()), error);
    }
    answered = 0;
  }

  /**
   * Where the VNode stands in Postgres, claimed anew, so that a commit in doubt is either in it or
   * fenced; empty where it has another owner or is done.
   */
  private Optional<Claim> retake(Claim claim) {
    while (!stopping) {
      try {
        // A position still on its way would be overwritten by an older one.
        if (context.writer().isPending(claim.vnode()) && !context.writer().flush()) {
          throw new SQLException("progress cannot be written", "08006");
        }
        return connections.write(writer -> context.progress().retake(writer, claim));
      } catch (SQLException e) {
        recover(e, Optional.of(claim));
      }
    }
    return Optional.empty();
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

  /** Releases what it claimed and did not finish, so that nobody has to wait for it. */
  private void giveBack() {
    if (claims.isEmpty()) {
      return;
    }
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
