package io.tidemark.executor.lane;

import io.tidemark.common.home.RefreshProgressTable.Checkpoint;
import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.common.refresh.RowCounts;
import io.tidemark.executor.delta.Chunk;
import io.tidemark.executor.merge.KeyOrder;
import io.tidemark.executor.merge.StreamingMerge;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * One VNode between two ends of its streams: the merge, the differences not yet written, and where
 * its checkpoints stand.
 */
final class VNodeMerge {
  private final Claim claim;
  private final Chunk chunk;
  private final StreamingMerge merge;
  private final RowCounts before;
  private final int snapshot;
  private long checkpoint;
  private long rowsAtCheckpoint;

  VNodeMerge(LaneContext context, Claim claim, LaneConnections.Streams streams)
      throws SQLException {
    this.claim = claim;
    this.before = claim.rows();
    this.snapshot = streams.snapshot();
    this.checkpoint = claim.checkpoint();
    this.chunk = new Chunk(context.chunkRows());
    this.merge =
        new StreamingMerge(
            new KeyOrder(context.args().plan().keyTypes()),
            streams.source(),
            streams.target(),
            chunk);
  }

  Claim claim() {
    return claim;
  }

  Chunk chunk() {
    return chunk;
  }

  int advance(int atMost) throws SQLException {
    return merge.advance(atMost);
  }

  /** Whether anything was merged since the last checkpoint. */
  boolean moved() {
    return merge.keysMerged() != rowsAtCheckpoint;
  }

  /** Where it stands now; numbers rise. */
  Checkpoint next(long epoch, boolean completed) {
    rowsAtCheckpoint = merge.keysMerged();
    return Checkpoint.of(
        claim,
        snapshot,
        ++checkpoint,
        epoch,
        position(),
        completed,
        before.plus(merge.counts()),
        claim.bytesRead() + merge.bytes());
  }

  Optional<List<String>> position() {
    return merge.position().or(claim::position);
  }
}
