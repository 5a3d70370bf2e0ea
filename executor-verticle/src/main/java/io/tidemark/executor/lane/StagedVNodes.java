package io.tidemark.executor.lane;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.RefreshProgressTable.Checkpoint;
import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.common.home.RefreshWork;
import io.tidemark.common.refresh.RefreshStage;
import io.tidemark.common.refresh.RowCounts;
import io.tidemark.executor.core.LaneEvent;
import io.tidemark.executor.staging.StagedMerge;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * VNodes that are compared inside the home, each in one transaction with its progress. That fences
 * last, so that a comparison which nobody waits for any more holds up nobody; no row of the VNode,
 * no commit.
 */
final class StagedVNodes implements LaneWork {
  private final LaneContext context;
  private final LanePace pace;
  private final ServerWait waiting = new ServerWait();
  private final HomeConnection home;
  private final RefreshWork refresh;
  private final StagedMerge merge;

  /** Number of the load that it claims in. */
  private int load;

  private @Nullable Claim open;
  private volatile boolean unwritten;

  StagedVNodes(LaneContext context, String lane, LanePace pace) {
    var args = context.args();
    this.context = context;
    this.pace = pace;
    this.home = new HomeConnection(context, lane + " merge", waiting);
    this.refresh = new RefreshWork(args.refreshId());
    this.merge = new StagedMerge(args.refreshId(), args.plan(), args.progressive());
  }

  @Override
  public RefreshStage stage() {
    return RefreshStage.MERGING;
  }

  @Override
  public LaneEvent.Claimed claim() throws SQLException {
    var found =
        home.write(
            connection -> {
              load = refresh.snapshot(connection);
              return context
                  .progress()
                  .claim(connection, context.executor(), load, context.claimSize());
            });
    return new LaneEvent.Claimed(found, false);
  }

  @Override
  public boolean open(Claim claim) {
    open = claim;
    return true;
  }

  @Override
  public boolean owns(Claim claim) throws SQLException {
    return home.write(connection -> context.progress().owns(connection, claim));
  }

  /** All there is to do is one write. */
  @Override
  public LaneEvent read() {
    return new LaneEvent.Ended(pace.epoch(), true);
  }

  @Override
  public LaneEvent handOver(long epoch, boolean completed) throws SQLException {
    return write(epoch, completed);
  }

  @Override
  public LaneEvent write(long epoch, boolean completed) throws SQLException {
    var claim = open;
    if (claim == null) {
      throw new IllegalStateException("no VNode is open");
    }
    unwritten = true;
    try {
      return home.transact(connection -> compare(connection, claim, epoch))
          ? new LaneEvent.Written()
          : new LaneEvent.Fenced();
    } catch (TidemarkException e) {
      if (e.code() != ErrorCode.STAGING_LOST) {
        throw e;
      }
      StagingLoss.loadAgain(home, context, load, stage());
      // Which fences all that merge, this lane among them.
      return new LaneEvent.Fenced();
    } finally {
      unwritten = false;
    }
  }

  private boolean compare(Connection connection, Claim claim, long epoch) throws SQLException {
    var found =
        merge
            .merge(connection, claim.vnode(), claim.lower(), claim.upper())
            .plus(planned(connection, claim));
    var checkpoint =
        Checkpoint.of(
            claim,
            load,
            claim.checkpoint() + 1,
            epoch,
            claim.position(),
            true,
            claim.rows().plus(found),
            claim.bytesRead());
    return !context.progress().checkpoint(connection, List.of(checkpoint)).isEmpty();
  }

  /** As many rows as it was planned to have: what is staged was counted when it was loaded. */
  private RowCounts planned(Connection connection, Claim claim) throws SQLException {
    return new RowCounts(context.progress().rowsPlanned(connection, claim), 0, 0, 0);
  }

  @Override
  public Optional<Claim> retake(Claim claim) throws SQLException {
    return home.write(connection -> context.progress().retake(connection, claim));
  }

  @Override
  public void setAside(Claim claim, ErrorReport why) throws SQLException {
    home.write(
        connection -> {
          context.progress().setAside(connection, claim, why, !why.retryable());
          return claim;
        });
  }

  @Override
  public void release(List<Claim> claims) throws SQLException {
    for (var claim : claims) {
      home.write(
          connection -> {
            context.progress().release(connection, claim);
            return claim;
          });
    }
  }

  @Override
  public TidemarkException explain(Claim claim, TidemarkException error) {
    return new TidemarkException(
        error.report().at(RefreshStage.MERGING, claim.vnode(), null), error);
  }

  @Override
  public boolean isUnwritten() {
    return unwritten;
  }

  @Override
  public void cut() {
    home.abort();
  }

  @Override
  public void abort() {
    home.abort();
  }

  @Override
  public void leaveSnapshot() {
    // It reads none.
  }

  @Override
  public ServerWait waiting() {
    return waiting;
  }
}
