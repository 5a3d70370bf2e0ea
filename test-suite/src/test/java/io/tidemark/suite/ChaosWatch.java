package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Looks at one refresh while it runs, each time in one snapshot of the home: nothing goes back, and
 * until it has succeeded nobody sees the half of it. Throws AssertionError where that does not
 * hold.
 */
final class ChaosWatch {
  private final ChaosTable table;
  private final Map<String, String> before;
  private final boolean existed;
  private final Map<String, Double> highest = new HashMap<>();
  private final Map<String, String> positions = new HashMap<>();
  private int snapshot;

  /**
   * @param before rows of the target before the refresh
   * @param existed whether it had one
   */
  ChaosWatch(ChaosTable table, Map<String, String> before, boolean existed) {
    this.table = table;
    this.before = Map.copyOf(before);
    this.existed = existed;
  }

  /** The refresh's state. */
  String look(Connection home, long id) throws Exception {
    home.setAutoCommit(false);
    Databases.execute(home, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
    try {
      var state = lookAtRefresh(home, id);
      lookAtVNodes(home, id);
      if (!state.equals("SUCCEEDED")) {
        lookAtTarget(home, state);
      }
      home.commit();
      return state;
    } finally {
      if (!home.isClosed()) {
        home.rollback();
        home.setAutoCommit(true);
      }
    }
  }

  private String lookAtRefresh(Connection home, long id) throws SQLException {
    // Indexes: primary keys.
    var sql =
        """
        SELECT r.state, r.snapshot, r.term, r.epoch, r.percent, t.percent AS shown, l.term AS lease_term,
               l.epoch AS lease_epoch
          FROM tidemark.refreshes r
          JOIN tidemark.refresh_totals t ON t.refresh_id = r.id
         CROSS JOIN tidemark.leases l
         WHERE r.id = %d
        """
            .formatted(id);
    try (var statement = home.createStatement();
        var row = statement.executeQuery(sql)) {
      assertThat(row.next()).as("refresh %d is there", id).isTrue();
      for (var name :
          new String[] {"term", "epoch", "percent", "shown", "lease_term", "lease_epoch"}) {
        rises(name, row.getDouble(name));
      }
      snapshot = row.getInt("snapshot");
      return row.getString("state");
    }
  }

  private void lookAtVNodes(Connection home, long id) throws SQLException {
    // Index: the primary key.
    var sql =
        """
        SELECT vnode, generation, is_completed::int AS completed, position[1] AS position
          FROM tidemark.refresh_progress
         WHERE refresh_id = %d
        """
            .formatted(id);
    try (var statement = home.createStatement();
        var row = statement.executeQuery(sql)) {
      while (row.next()) {
        lookAtVNode(row);
      }
    }
  }

  private void lookAtVNode(ResultSet row) throws SQLException {
    var vnode = "of VNode " + row.getInt("vnode");
    rises("generation " + vnode, row.getDouble("generation"));
    // With a new snapshot it may begin again, where the table wants all in one.
    var reading = table.isStrict() ? vnode + " in snapshot " + snapshot : vnode;
    rises("completion " + reading, row.getInt("completed"));
    var position = Optional.ofNullable(row.getString("position"));
    var known = Optional.ofNullable(positions.get(reading));
    if (known.isPresent()) {
      assertThat(position.map(it -> table.order().compare(it, known.get()) >= 0).orElse(false))
          .as("position %s rises from %s to %s", reading, known, position)
          .isTrue();
    }
    position.ifPresent(it -> positions.put(reading, it));
  }

  private void lookAtTarget(Connection home, String state) throws Exception {
    if (!existed) {
      assertThat(
              Databases.number(
                  home,
                  "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname = '"
                      + table.id()
                      + "'"))
          .as("targets of a first load that is %s", state)
          .isZero();
      return;
    }
    var rows = TableImage.rows(home, table.relation(), "k");
    if (table.isProgressive()) {
      assertThat(rows.keySet())
          .as("keys while it is %s: none of those before is missing", state)
          .containsAll(before.keySet());
    } else {
      assertThat(rows.equals(before))
          .as("rows while it is %s are those before: %s", state, difference(before, rows))
          .isTrue();
    }
  }

  private void rises(String what, double value) {
    var known = highest.merge(what, value, Math::max);
    assertThat(value).as("%s never goes back", what).isGreaterThanOrEqualTo(known);
  }

  /** Some of what differs, for a message. */
  static String difference(Map<String, String> one, Map<String, String> other) {
    var keys = new TreeSet<String>();
    keys.addAll(one.keySet());
    keys.addAll(other.keySet());
    var differing =
        keys.stream()
            .filter(
                key ->
                    !Optional.ofNullable(one.get(key)).equals(Optional.ofNullable(other.get(key))))
            .toList();
    return differing.size()
        + " differ: "
        + differing.stream()
            .limit(5)
            .map(key -> key + ": " + one.get(key) + " / " + other.get(key))
            .toList();
  }
}
