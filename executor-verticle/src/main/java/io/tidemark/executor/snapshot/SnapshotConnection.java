package io.tidemark.executor.snapshot;

import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.home.RefreshWork.Export;
import io.tidemark.executor.plan.Connections;
import io.tidemark.executor.snapshot.SourceSnapshot.Reader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;

/**
 * Opens read-only transactions at the source, in a new snapshot or in an exported one.
 *
 * <p>Each locks the table it will read against TRUNCATE and rewrites, which show through to older
 * snapshots as an empty table, and that would look like deletes. The lock is taken before the
 * snapshot; whoever imports one holds it while its exporter still does, so that it never lapses.
 *
 * <p>A materialized view can only be locked by reading it, after the snapshot. A REFRESH in between
 * shows through as the new rows: so which file it is belongs to what the snapshot sees.
 *
 * @param relation quoted; empty: none to lock
 */
record SnapshotConnection(PostgresAddress source, String name, Optional<String> relation) {
  /**
   * invalid_parameter_value, undefined_object, object_not_in_prerequisite_state, undefined_file.
   */
  private static final Set<String> SNAPSHOT_GONE = Set.of("22023", "42704", "55000", "58P01");

  /** wrong_object_type: of materialized views and foreign tables. */
  private static final String NO_TABLE = "42809";

  /** Nor without a right to the whole table; what is missing, planning says better. */
  private static final Set<String> NOT_LOCKABLE = Set.of(NO_TABLE, "42501", "42P01", "3F000");

  /** Index: pg_class_oid_index. */
  private static final String MATERIALIZED =
      "SELECT FROM pg_class WHERE oid = to_regclass(?) AND relkind = 'm'";

  private static final String FILE = "SELECT pg_relation_filenode(to_regclass(?))";

  /**
   * Of a snapshot its id, which others can import; what it sees, which no other snapshot of this
   * source sees: the transactions of before, and one life of the server, since one that took over
   * may give the same numbers to other transactions.
   */
  private static final String EXPORT =
      """
      SELECT pg_export_snapshot(),
             txid_current_snapshot() || ' since ' || extract(epoch FROM pg_postmaster_start_time()),
             pg_backend_pid()
      """;

  /**
   * Empty where nobody holds that snapshot any more, also where another snapshot has its id by now.
   */
  Optional<Reader> tryOpen(Export export, int number) throws SQLException {
    try {
      var reader = open(Optional.of(export.id()), number);
      if (!reader.export().sees().equals(export.sees())) {
        reader.connection().close();
        return Optional.empty();
      }
      return Optional.of(reader);
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
      connection.setAutoCommit(false);
      return begin(connection, snapshotId, number, lock(connection));
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /** False: it is something else than a table. */
  private boolean lock(Connection connection) throws SQLException {
    if (relation.isEmpty()) {
      return true;
    }
    try (var statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute("LOCK TABLE " + relation.get() + " IN ACCESS SHARE MODE");
      return true;
    } catch (SQLException e) {
      if (!NOT_LOCKABLE.contains(String.valueOf(e.getSQLState()))) {
        throw e;
      }
      connection.rollback();
      return !NO_TABLE.equals(e.getSQLState());
    }
  }

  /** What a materialized view adds to what a snapshot sees; locked until the transaction ends. */
  private String file(Connection connection) throws SQLException {
    try (var kind = connection.prepareStatement(MATERIALIZED)) {
      kind.setString(1, relation.orElseThrow());
      try (var rows = kind.executeQuery()) {
        if (!rows.next()) {
          return "";
        }
      }
    }
    try (var read = connection.createStatement()) {
      read.setEscapeProcessing(false);
      read.execute("SELECT FROM " + relation.orElseThrow() + " LIMIT 0");
    }
    try (var file = connection.prepareStatement(FILE)) {
      file.setString(1, relation.orElseThrow());
      try (var rows = file.executeQuery()) {
        rows.next();
        return ", file " + rows.getString(1);
      }
    }
  }

  private Reader begin(
      Connection connection, Optional<String> snapshotId, int number, boolean locked)
      throws SQLException {
    try (var statement = connection.createStatement()) {
      if (snapshotId.isPresent()) {
        statement.execute("SET TRANSACTION SNAPSHOT " + SourceSnapshot.literal(snapshotId.get()));
      }
      var file = locked ? "" : file(connection);
      try (var rows = statement.executeQuery(EXPORT)) {
        rows.next();
        var export = new Export(rows.getString(1), rows.getString(2) + file);
        return new Reader(connection, number, export, rows.getInt(3));
      }
    }
  }
}
