package io.tidemark.executor.lane;

import io.tidemark.common.home.RefreshProgressTable.Checkpoint;
import io.tidemark.executor.delta.Chunk;
import io.tidemark.executor.delta.DeltaApply;
import io.tidemark.executor.delta.DeltaTable;
import io.tidemark.executor.delta.LoadTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Writes a chunk and its checkpoint in one transaction: into the table of a first load, or into the
 * delta, and there for a progressive refresh on into the target.
 */
final class ChunkStore {
  private final LaneContext context;
  private final DeltaTable delta;
  private final DeltaApply apply;
  private final LoadTable load;

  ChunkStore(LaneContext context) {
    var args = context.args();
    this.context = context;
    this.delta = new DeltaTable(args.refreshId(), args.plan());
    this.apply = new DeltaApply(args.refreshId(), args.plan());
    this.load = new LoadTable(args.refreshId(), args.plan());
  }

  /** Returns false where the VNode has another owner by now: nothing is written. */
  boolean write(Connection home, Checkpoint checkpoint, Chunk chunk) throws SQLException {
    home.setAutoCommit(false);
    // First of all the progress row: it fences, and its lock makes a new owner wait for the commit.
    if (context.progress().checkpoint(home, List.of(checkpoint)).isEmpty()) {
      home.rollback();
      home.setAutoCommit(true);
      return false;
    }
    if (context.args().plan().firstLoad()) {
      load.append(home, chunk);
    } else if (context.args().progressive()) {
      var after = nextSeq(home);
      delta.append(home, checkpoint.vnode(), chunk);
      apply.applyChunk(home, checkpoint.vnode(), after);
    } else {
      delta.append(home, checkpoint.vnode(), chunk);
    }
    home.commit();
    home.setAutoCommit(true);
    return true;
  }

  private static long nextSeq(Connection home) throws SQLException {
    try (var statement = home.createStatement();
        var rows = statement.executeQuery("SELECT nextval('tidemark.change_seq')")) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
