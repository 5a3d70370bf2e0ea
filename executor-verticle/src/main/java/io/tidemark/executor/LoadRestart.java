package io.tidemark.executor;

import io.tidemark.common.config.SourceDefinition.PostgresSource;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.StagedWork;
import io.tidemark.common.refresh.Consistency;
import io.tidemark.executor.delta.DeltaRestart;
import io.tidemark.executor.lane.StagingLoss;
import io.tidemark.executor.snapshot.SourceSnapshot.Reader;
import io.tidemark.executor.source.postgres.PostgresConnector;
import io.tidemark.executor.staging.StagingTable;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * What the loss of the source's snapshot means for a staged refresh: all splits are loaded again
 * from the new one, so that staging never holds rows of two. Only while a split is not loaded: from
 * then on nobody reads the source, and who tries is fenced.
 */
record LoadRestart(RefreshableMaterializeArgs args) {
  /**
   * In the transaction that moves the refresh on to the new snapshot.
   *
   * @throws TidemarkException SOURCE_CHANGED where the planned splits do not hold all of the source
   *     any more: a partition was added, or a column
   * @throws SQLException where there is nothing to load
   */
  void from(Connection home, PostgresSource source, Reader fresh) throws SQLException {
    var id = args.refreshId();
    if (!new StagedWork(id).restartLoad(home)) {
      throw new SQLException("refresh " + id + " is loaded: its source is not read again", "57014");
    }
    requireSame(source, fresh);
    var staging = new StagingTable(id, args.plan());
    StagingLoss.endFenced(home, staging);
    if (args.definition().consistency() == Consistency.STRICT && !args.plan().firstLoad()) {
      // Merged from an earlier load, which was of the lost snapshot.
      DeltaRestart.restart(home, id, args.plan(), args.progressive());
    }
    staging.clear(home);
  }

  private void requireSame(PostgresSource source, Reader fresh) throws SQLException {
    var version = args.plan().staged().orElseThrow().version();
    if (!PostgresConnector.fits(version, args.definition(), source, fresh)) {
      throw new TidemarkException(
          ErrorCode.SOURCE_CHANGED,
          "the snapshot of the source that was read is lost, and "
              + source.table().orElse("the query")
              + " has other columns or partitions by now");
    }
  }
}
