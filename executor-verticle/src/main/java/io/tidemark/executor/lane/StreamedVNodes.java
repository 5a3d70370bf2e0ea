package io.tidemark.executor.lane;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.common.refresh.RefreshStage;
import io.tidemark.executor.core.LaneEvent;
import io.tidemark.executor.snapshot.SourceSnapshot;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** VNodes that are merged as two streams, one of the source's snapshot and one of the target. */
final class StreamedVNodes implements LaneWork {
  private static final int MAX_ROWS_AT_ONCE = 64;

  private final LaneContext context;
  private final SourceSnapshot snapshot;
  private final LanePace pace;
  private final LaneConnections connections;
  private final ChunkStore chunks;
  private final RowsAtRisk risk = new RowsAtRisk();

  private @Nullable VNodeMerge merge;
  private int rows;

  StreamedVNodes(LaneContext context, SourceSnapshot snapshot, String lane, LanePace pace) {
    this.context = context;
    this.snapshot = snapshot;
    this.pace = pace;
    this.connections = new LaneConnections(context, snapshot, lane);
    this.chunks = new ChunkStore(context);
  }

  @Override
  public RefreshStage stage() {
    return RefreshStage.MERGING;
  }

  @Override
  public LaneEvent.Claimed claim() throws SQLException {
    var number = connections.snapshotNumber();
    var found =
        connections.write(
            writer ->
                context.progress().claim(writer, context.executor(), number, context.claimSize()));
    return new LaneEvent.Claimed(found, number < snapshot.number());
  }

  @Override
  public boolean open(Claim claim) throws SQLException {
    merge = new VNodeMerge(context, claim, connections.open(claim));
    rows = 0;
    risk.dropped();
    return true;
  }

  @Override
  public boolean owns(Claim claim) throws SQLException {
    return connections.write(writer -> context.progress().owns(writer, claim));
  }

  private VNodeMerge merging() {
    var current = merge;
    if (current == null) {
      throw new IllegalStateException("no VNode is open");
    }
    return current;
  }

  @Override
  public LaneEvent read() throws SQLException {
    var from = merging();
    for (int keys; (keys = from.advance(MAX_ROWS_AT_ONCE)) > 0; ) {
      rows += keys;
      risk.read(keys);
      if (rows >= MAX_ROWS_AT_ONCE) {
        pace.read(rows);
        rows = 0;
      }
      if (from.chunk().isFull() || pace.isCalled() || isDue(!from.chunk().isEmpty())) {
        return new LaneEvent.Reached(pace.epoch(), !from.chunk().isEmpty());
      }
      pace.hold();
    }
    pace.read(rows);
    rows = 0;
    return new LaneEvent.Ended(pace.epoch(), !from.chunk().isEmpty());
  }

  private boolean isDue(boolean differences) {
    return risk.isDue(differences, context.writer()::isDurable, MAX_ROWS_AT_ONCE);
  }

  @Override
  public LaneEvent handOver(long epoch, boolean completed) throws SQLException {
    var writer = context.writer();
    for (long ticket; (ticket = risk.toAwait(writer::isDurable)) > 0; ) {
      if (!writer.await(ticket)) {
        throw notWritten();
      }
    }
    risk.handedOver(writer.submit(merging().next(epoch, completed)));
    return new LaneEvent.HandedOver();
  }

  @Override
  public LaneEvent write(long epoch, boolean completed) throws SQLException {
    var from = merging();
    var checkpoint = from.next(epoch, completed);
    context.writer().overtake(checkpoint.vnode(), checkpoint.checkpoint());
    if (!connections.write(writer -> chunks.write(writer, checkpoint, from.chunk()))) {
      return new LaneEvent.Fenced();
    }
    from.chunk().clear();
    risk.written();
    return new LaneEvent.Written();
  }

  @Override
  public Optional<Claim> retake(Claim claim) throws SQLException {
    // A position still on its way would be overwritten by an older one.
    if (context.writer().isPending(claim.vnode()) && !context.writer().flush()) {
      throw notWritten();
    }
    return connections.write(writer -> context.progress().retake(writer, claim));
  }

  /** The home is away, or lets nobody write there: the lane tries again for a while. */
  private static SQLException notWritten() {
    return new SQLException("progress cannot be written", "08006");
  }

  @Override
  public void setAside(Claim claim, ErrorReport why) throws SQLException {
    context.writer().flush();
    connections.write(
        writer -> {
          context.progress().setAside(writer, claim, why, !why.retryable());
          return claim;
        });
  }

  @Override
  public void release(List<Claim> claims) throws SQLException {
    context.writer().flush();
    for (var claim : claims) {
      connections.write(
          writer -> {
            context.progress().release(writer, claim);
            return claim;
          });
    }
  }

  @Override
  public TidemarkException explain(Claim claim, TidemarkException error) {
    var said = error.code() == ErrorCode.SOURCE_KEY_DUPLICATE ? withSample(claim, error) : error;
    return new TidemarkException(
        said.report().at(RefreshStage.MERGING, claim.vnode(), claim.position().orElse(null)), said);
  }

  private TidemarkException withSample(Claim claim, TidemarkException error) {
    connections.abort();
    try (var source = connections.freshSource()) {
      var sample = DuplicateKeys.sample(source, context.args().plan(), claim);
      return sample.isEmpty()
          ? error
          : new TidemarkException(
              ErrorReport.of(
                  ErrorCode.SOURCE_KEY_DUPLICATE,
                  "the key is not unique in the source; among its duplicates are " + sample));
    } catch (SQLException e) {
      return error;
    }
  }

  @Override
  public boolean isUnwritten() {
    return true;
  }

  @Override
  public void cut() {
    connections.abort();
  }

  @Override
  public void abort() {
    connections.abort();
  }

  @Override
  public void leaveSnapshot() {
    connections.leaveSnapshot();
  }

  @Override
  public ServerWait waiting() {
    return connections.waiting();
  }
}
