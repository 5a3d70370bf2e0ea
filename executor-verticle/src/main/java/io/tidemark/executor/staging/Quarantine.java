package io.tidemark.executor.staging;

import io.tidemark.common.config.StagingPolicy;
import io.tidemark.common.config.StagingPolicy.OnBadRow;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Table {@code tidemark.quarantine}: the rows of one refresh that the home could not read. */
final class Quarantine {
  private static final String ADD =
      """
      INSERT INTO tidemark.quarantine (refresh_id, split, place, "column", reason, row)
      VALUES (?, ?, ?, ?, ?, ?)
      """;

  /** Index: quarantine_by_refresh. */
  private static final String COUNT =
      "SELECT count(*) FROM tidemark.quarantine WHERE refresh_id = ?";

  /** Index: quarantine_by_refresh. */
  private static final String SAMPLE =
      """
      SELECT place || coalesce(', column ' || "column", '') || ': ' || reason
      FROM tidemark.quarantine WHERE refresh_id = ? ORDER BY split, at LIMIT ?
      """;

  private final long refreshId;
  private final StagingPolicy policy;

  Quarantine(long refreshId, StagingPolicy policy) {
    this.refreshId = refreshId;
    this.policy = policy;
  }

  /** Whether rows may go there. */
  boolean open() {
    return policy.onBadRow() == OnBadRow.QUARANTINE;
  }

  /**
   * In the caller's transaction.
   *
   * @throws TidemarkException ROW_MALFORMED where it holds as many rows as it may
   */
  void add(Connection home, int split, BadRow row) throws SQLException {
    try (var statement = home.prepareStatement(ADD)) {
      statement.setLong(1, refreshId);
      statement.setInt(2, split);
      statement.setString(3, row.place());
      statement.setString(4, row.column().orElse(null));
      statement.setString(5, row.reason());
      statement.setString(6, row.text());
      statement.executeUpdate();
    }
    requireRoom(home, row.words());
  }

  /**
   * Returns how many rows it holds.
   *
   * @param example what the message names
   * @throws TidemarkException ROW_MALFORMED where they are more than it may hold: lanes that fill
   *     it at once do not see each other's rows
   */
  long requireRoom(Connection home, String example) throws SQLException {
    try (var statement = home.prepareStatement(COUNT)) {
      statement.setLong(1, refreshId);
      try (var rows = statement.executeQuery()) {
        rows.next();
        var held = rows.getLong(1);
        if (held > policy.maxBadRows()) {
          throw new TidemarkException(
              ErrorCode.ROW_MALFORMED,
              "more rows than max-bad-rows (%d) cannot be read, such as %s"
                  .formatted(policy.maxBadRows(), example));
        }
        return held;
      }
    }
  }

  /** Whether rows of the refresh are there. */
  boolean holdsAny(Connection home) throws SQLException {
    return open() && !sample(home, 1).isEmpty();
  }

  /** A few of them, in words. */
  List<String> sample(Connection home, int limit) throws SQLException {
    try (var statement = home.prepareStatement(SAMPLE)) {
      statement.setLong(1, refreshId);
      statement.setInt(2, limit);
      try (var rows = statement.executeQuery()) {
        var sample = new ArrayList<String>();
        while (rows.next()) {
          sample.add(rows.getString(1));
        }
        return sample;
      }
    }
  }
}
