package io.tidemark.executor.lane;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.common.home.RefreshSplitsTable;
import io.tidemark.common.home.RefreshSplitsTable.Checkpoint;
import io.tidemark.common.home.RefreshWork;
import io.tidemark.common.refresh.RefreshStage;
import io.tidemark.executor.core.LaneEvent;
import io.tidemark.executor.plan.StagedPlan;
import io.tidemark.executor.source.Connector;
import io.tidemark.executor.source.RowBatch;
import io.tidemark.executor.source.Split;
import io.tidemark.executor.source.SplitReader;
import io.tidemark.executor.staging.StagingTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Splits that are loaded into staging. Each batch that a connector gives goes there by COPY, in one
 * transaction with the split's position: on recovery nothing is loaded twice. That transaction
 * fences last, so that no lock is held while rows stream in; no row of the split, no commit.
 */
final class SplitLoad implements LaneWork {
  /** So often a lane begins again what cannot be gone on with. */
  private static final int MAX_CUT_OFF = 5;

  private final LaneContext context;
  private final Connector connector;
  private final LanePace pace;
  private final ServerWait waiting = new ServerWait();
  private final HomeConnection home;
  private final RefreshWork refresh;
  private final RefreshSplitsTable splits;
  private final StagingTable staging;

  /** Number of the load that it claims in. */
  private int load;

  private int cutOff;

  private @Nullable Loading loading;
  private volatile @Nullable SplitReader reader;
  private volatile boolean unwritten;

  SplitLoad(LaneContext context, Connector connector, String lane, LanePace pace) {
    var id = context.args().refreshId();
    this.context = context;
    this.connector = connector;
    this.pace = pace;
    this.home = new HomeConnection(context, lane + " load", waiting);
    this.refresh = new RefreshWork(id);
    this.splits = new RefreshSplitsTable(id);
    this.staging = new StagingTable(id, context.args().plan());
  }

  /** One split that is open, up to its last checkpoint, and the batch that came after it. */
  private static final class Loading {
    private final Claim claim;
    private final Split split;
    private final SplitReader reader;
    private Optional<String> position;
    private long checkpoint;
    private long rows;
    private long bytes;
    private @Nullable RowBatch batch;

    Loading(Claim claim, Split split, SplitReader reader) {
      this.claim = claim;
      this.split = split;
      this.reader = reader;
      this.position = claim.position().map(List::getFirst);
      this.checkpoint = claim.checkpoint();
      this.rows = claim.rows().read();
      this.bytes = claim.bytesRead();
    }

    Checkpoint next(long epoch, boolean completed, long loaded) {
      var more = batch;
      return new Checkpoint(
          claim,
          checkpoint + 1,
          epoch,
          more == null ? position : Optional.of(more.position()),
          completed,
          rows + loaded,
          bytes + (more == null ? 0 : more.sourceBytes()));
    }

    void reached(Checkpoint written) {
      checkpoint = written.checkpoint();
      position = written.position();
      rows = written.rows();
      bytes = written.bytes();
      batch = null;
    }
  }

  @Override
  public RefreshStage stage() {
    return RefreshStage.REFRESHING;
  }

  @Override
  public LaneEvent.Claimed claim() throws SQLException {
    var found =
        home.write(
            connection -> {
              load = refresh.snapshot(connection);
              return splits.claim(connection, context.executor(), load, context.claimSize());
            });
    return new LaneEvent.Claimed(found, false);
  }

  @Override
  public boolean open(Claim claim) throws SQLException {
    close();
    var plan = plan();
    var planned = home.write(connection -> splits.read(connection, claim.vnode()));
    var split =
        new Split(
            planned.split(),
            planned.name(),
            planned.spec(),
            planned.rowsPlanned(),
            planned.bytesPlanned());
    SplitReader opened;
    try {
      opened = open(plan, split, claim.position().map(List::getFirst));
    } catch (TidemarkException e) {
      if (e.code() != ErrorCode.STAGING_LOST) {
        throw e;
      }
      cutOff++;
      if (cutOff > MAX_CUT_OFF) {
        throw new TidemarkException(
            ErrorReport.of(
                    ErrorCode.SOURCE_UNREACHABLE,
                    e.report().message() + ", and it was cut off " + cutOff + " times")
                .withHint("See what ends connections to the source. Nothing was deleted."),
            e);
      }
      StagingLoss.loadAgain(home, context, load, stage());
      return false;
    }
    reader = opened;
    loading = new Loading(claim, split, opened);
    return true;
  }

  private SplitReader open(StagedPlan plan, Split split, Optional<String> position)
      throws SQLException {
    return Side.SOURCE.call(
        () ->
            waiting.limited(
                () -> {}, () -> connector.open(plan.version(), split, plan.wanted(), position)));
  }

  @Override
  public boolean owns(Claim claim) throws SQLException {
    return home.write(connection -> splits.owns(connection, claim));
  }

  private StagedPlan plan() {
    return context.args().plan().staged().orElseThrow();
  }

  private Loading loading() {
    var current = loading;
    if (current == null) {
      throw new IllegalStateException("no split is open");
    }
    return current;
  }

  @Override
  public LaneEvent read() throws SQLException {
    var from = loading();
    var batch =
        Side.SOURCE
            .call(
                () ->
                    waiting.limited(
                        from.reader::abort, () -> Optional.ofNullable(from.reader.next())))
            .orElse(null);
    from.batch = batch;
    unwritten = true;
    if (batch == null) {
      return new LaneEvent.Ended(pace.epoch(), true);
    }
    pace.read(batch.rows());
    return new LaneEvent.Reached(pace.epoch(), true);
  }

  @Override
  public LaneEvent handOver(long epoch, boolean completed) throws SQLException {
    return write(epoch, completed);
  }

  @Override
  public LaneEvent write(long epoch, boolean completed) throws SQLException {
    var from = loading();
    try {
      var fenced = !home.transact(connection -> store(connection, from, epoch, completed));
      unwritten = false;
      return fenced ? new LaneEvent.Fenced() : new LaneEvent.Written();
    } catch (TidemarkException e) {
      if (e.code() != ErrorCode.STAGING_LOST) {
        throw e;
      }
      StagingLoss.loadAgain(home, context, load, stage());
      // Which fences all that load, this lane among them.
      return new LaneEvent.Fenced();
    }
  }

  private boolean store(Connection connection, Loading from, long epoch, boolean completed)
      throws SQLException {
    var batch = from.batch;
    var rows =
        batch == null
            ? 0
            : staging.append(connection, from.split, from.reader.format(), batch).rows();
    var checkpoint = from.next(epoch, completed, rows);
    if (!splits.checkpoint(connection, checkpoint)) {
      return false;
    }
    from.reached(checkpoint);
    return true;
  }

  @Override
  public Optional<Claim> retake(Claim claim) throws SQLException {
    return home.write(connection -> splits.retake(connection, claim));
  }

  @Override
  public void setAside(Claim claim, ErrorReport why) throws SQLException {
    home.write(
        connection -> {
          splits.setAside(connection, claim, why, !why.retryable());
          return claim;
        });
  }

  @Override
  public void release(List<Claim> claims) throws SQLException {
    for (var claim : claims) {
      home.write(
          connection -> {
            splits.release(connection, claim);
            return claim;
          });
    }
  }

  @Override
  public TidemarkException explain(Claim claim, TidemarkException error) {
    var open = loading;
    var named =
        open == null
                || open.claim.vnode() != claim.vnode()
                || error.report().message().contains(open.split.name())
            ? error.report()
            : ErrorReport.of(error.code(), open.split.name() + ": " + error.report().message())
                .withHint(error.report().hint());
    var position = open == null ? Optional.<String>empty() : open.position;
    return new TidemarkException(
        named.at(RefreshStage.REFRESHING, null, position.map(List::of).orElse(null)), error);
  }

  @Override
  public boolean isUnwritten() {
    return unwritten;
  }

  @Override
  public void cut() {
    abort();
    close();
    unwritten = false;
  }

  @Override
  public void abort() {
    var open = reader;
    if (open != null) {
      open.abort();
    }
    home.abort();
  }

  private void close() {
    var open = reader;
    reader = null;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public void leaveSnapshot() {
    // A version of a source outlives the connections that read it.
  }

  @Override
  public ServerWait waiting() {
    return waiting;
  }
}
