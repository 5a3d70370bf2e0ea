package io.tidemark.executor.staging;

import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.VNodeRange;
import io.tidemark.common.refresh.LoadReport;
import io.tidemark.executor.plan.RefreshPlan;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Makes the rows that were loaded ready to be compared: that none is lost, none lacks its key, none
 * has the key of another; an index on the key, statistics, and where VNodes begin.
 */
@SuppressWarnings("DoNotCallSuggester") // until it has its body
public final class Preparation {
  /**
   * Prepares nothing yet.
   *
   * @param vnodes how many to make, at least 1; fewer come out where that is quicker
   */
  public Preparation(long refreshId, RefreshPlan plan, int vnodes) {
    throw new UnsupportedOperationException();
  }

  /**
   * In the caller's transaction, which stores the VNodes and the report, and must fence first.
   *
   * @param loaded rows that all splits together say are staged
   * @throws TidemarkException STAGING_LOST where there are not as many; SOURCE_KEY_NULL,
   *     SOURCE_KEY_DUPLICATE where the policy says fail, with a sample; ROW_MALFORMED where more
   *     rows are in quarantine than may
   */
  public Prepared prepare(Connection home, long loaded) throws SQLException {
    throw new UnsupportedOperationException();
  }

  /**
   * What is ready.
   *
   * @param rows to be compared; of a first load: inserted
   * @param vnodes of a first load there is one, of all rows, and it is complete
   */
  public record Prepared(long rows, List<VNodeRange> vnodes, LoadReport report) {
    public Prepared {
      vnodes = List.copyOf(vnodes);
    }
  }
}
