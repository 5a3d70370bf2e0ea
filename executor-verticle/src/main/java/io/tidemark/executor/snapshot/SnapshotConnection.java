package io.tidemark.executor.snapshot;

import io.tidemark.common.home.PostgresAddress;
import io.tidemark.executor.plan.Connections;
import io.tidemark.executor.snapshot.SourceSnapshot.Reader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;

/** Opens read-only transactions at the source, in a new snapshot or in an exported one. */
record SnapshotConnection(PostgresAddress source, String name) {
  /**
   * invalid_parameter_value, undefined_object, object_not_in_prerequisite_state, undefined_file.
   */
  private static final Set<String> SNAPSHOT_GONE = Set.of("22023", "42704", "55000", "58P01");

  /** Empty where nobody holds that snapshot any more. */
  Optional<Reader> tryOpen(String snapshotId, int number) throws SQLException {
    try {
      return Optional.of(open(Optional.of(snapshotId), number));
    } catch (SQLException e) {
      if (e.getSQLState() != null && SNAPSHOT_GONE.contains(e.getSQLState())) {
        return Optional.empty();
      }
      throw e;
    }
  }

  Reader open(Optional<String> snapshotId, int number) throws SQLException {
    var connection = Connections.source(source, name);
    try {
      return begin(connection, snapshotId, number);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private static Reader begin(Connection connection, Optional<String> snapshotId, int number)
      throws SQLException {
    connection.setAutoCommit(false);
    try (var statement = connection.createStatement()) {
      if (snapshotId.isPresent()) {
        statement.execute("SET TRANSACTION SNAPSHOT " + SourceSnapshot.literal(snapshotId.get()));
      }
      try (var rows = statement.executeQuery("SELECT pg_export_snapshot()")) {
        rows.next();
        return new Reader(connection, number, rows.getString(1));
      }
    }
  }
}
