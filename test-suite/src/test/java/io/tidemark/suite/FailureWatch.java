package io.tidemark.suite;

import io.tidemark.common.home.PostgresAddress;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What stands in the home of a case: looked at directly, not through a proxy. */
final class FailureWatch implements AutoCloseable {
  private static final int VALID_SECONDS = 2;

  private final PostgresAddress address;
  private Connection connection;

  FailureWatch(PostgresAddress address) throws SQLException {
    this.address = address;
    this.connection = connect();
  }

  /** Anew where the home was killed. */
  Connection home() throws SQLException {
    if (!connection.isValid(VALID_SECONDS)) {
      connection = connect();
    }
    return connection;
  }

  /** Who plans or finishes it. */
  Optional<String> owner(long id) throws SQLException {
    return Databases.column(
            home(),
            "SELECT work_owner FROM tidemark.refreshes WHERE work_owner IS NOT NULL AND id = " + id)
        .stream()
        .findFirst();
  }

  /** Who has VNodes that are not complete. */
  List<String> owners(long id) throws SQLException {
    return Databases.column(
        home(),
        "SELECT DISTINCT owner FROM tidemark.refresh_progress WHERE owner IS NOT NULL"
            + " AND NOT is_completed AND refresh_id = "
            + id);
  }

  /** Whether a node would be missed: it has VNodes, or plans or finishes. */
  boolean works(String node, long id) throws SQLException {
    return owner(id).filter(it -> it.startsWith(node + "-")).isPresent()
        || owners(id).stream().anyMatch(it -> it.startsWith(node + "-"));
  }

  long completed(long id) throws SQLException {
    return Databases.number(
        home(),
        "SELECT count(*) FROM tidemark.refresh_progress WHERE is_completed AND refresh_id = " + id);
  }

  /** Of the last VNode it is empty: open-ended. */
  Set<Optional<String>> uppersOfCompleted(long id) throws SQLException {
    return Databases.column(
            home(),
            "SELECT upper_bound[1] FROM tidemark.refresh_progress WHERE is_completed AND refresh_id = "
                + id)
        .stream()
        .map(Optional::ofNullable)
        .collect(Collectors.toSet());
  }

  /** Rows of the source that checkpoints count. */
  long rowsRead(long id) throws SQLException {
    return Databases.number(
        home(), "SELECT sum(rows_read) FROM tidemark.refresh_progress WHERE refresh_id = " + id);
  }

  List<String> causes(long id) throws SQLException {
    return Databases.column(
        home(), "SELECT cause FROM tidemark.refresh_recoveries WHERE refresh_id = " + id);
  }

  String state(long id) throws SQLException {
    return Databases.column(home(), "SELECT state FROM tidemark.refreshes WHERE id = " + id)
        .getFirst();
  }

  long term() throws SQLException {
    return Databases.number(home(), "SELECT max(term) FROM tidemark.leases");
  }

  /** Whether somebody waits for a lock on the target. */
  boolean isTargetAwaited() throws SQLException {
    return Databases.number(
            home(),
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'public.t'::regclass")
        > 0;
  }

  /** From the next barrier on. */
  void throttle(long id, int rowsPerSecond) throws SQLException {
    Databases.execute(
        home(),
        "UPDATE tidemark.refreshes SET definition = jsonb_set(definition, '{throttle,rows-per-second}', '"
            + rowsPerSecond
            + "') WHERE id = "
            + id);
  }

  private Connection connect() throws SQLException {
    var opened = address.connect("test");
    Databases.execute(opened, "SET TimeZone = 'UTC'");
    return opened;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
