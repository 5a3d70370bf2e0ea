package io.tidemark.suite;

import io.tidemark.common.home.PostgresAddress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The only writer of a source table: transaction after transaction, on a thread of its own, and
 * what each version of the table was. The row of number 0 has the version, so that after a crash of
 * the server it is known whether the last transaction was committed.
 */
final class VersionedSource implements Runnable {
  private static final int MOST_UPDATES = 12;
  private static final int MOST_OTHERS = 5;
  private static final int NUMBERS = ChaosTable.ROWS * 5 / 4;
  private static final int FEW = ChaosTable.ROWS * 3 / 4;

  /** One in so many transactions deletes much, where the table is one for that. */
  private static final int RARELY = 60;

  private static final long PACE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final String RETURNING =
      " RETURNING ROW(k)::text, ROW(v1, v2, v3, v4, v5, v6, v7)::text";

  private final ChaosTable table;
  private final PostgresAddress address;
  private final SplittableRandom random;
  private final VersionLog log;
  private Map<String, Optional<String>> pending = Map.of();
  private volatile boolean stopping;

  VersionedSource(ChaosTable table, PostgresAddress address, long seed) throws Exception {
    this.table = table;
    this.address = address;
    this.random = new SplittableRandom(seed);
    try (var connection = connect()) {
      Databases.execute(
          connection,
          table.create(),
          table.insert("generate_series(0, " + ChaosTable.ROWS + ")"),
          "UPDATE "
              + table.relation()
              + " SET v1 = '0' WHERE "
              + table.among("generate_series(0, 0)"));
      this.log = new VersionLog(TableImage.of(connection, table.relation(), "k").rows());
    }
  }

  VersionLog log() {
    return log;
  }

  void stop() {
    stopping = true;
  }

  @Override
  public void run() {
    var broken = 0L;
    while (!stopping) {
      try (var connection = connect()) {
        resolve(connection);
        while (!stopping) {
          write(connection);
          LockSupport.parkNanos(PACE_NANOS);
        }
      } catch (SQLException e) {
        broken++;
        LockSupport.parkNanos(PACE_NANOS);
      }
    }
    if (broken > 0) {
      settle();
    }
  }

  /** What the last transaction came to, where its server was lost. */
  private void settle() {
    try (var connection = connect()) {
      resolve(connection);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private Connection connect() throws SQLException {
    var connection = address.connect("writer");
    Databases.execute(connection, "SET TimeZone = 'UTC'", "SET log_statement = 'none'");
    return connection;
  }

  private void resolve(Connection connection) throws SQLException {
    connection.setAutoCommit(true);
    var version =
        Databases.number(
            connection,
            "SELECT v1::bigint FROM "
                + table.relation()
                + " WHERE "
                + table.among("generate_series(0, 0)"));
    if (version == log.newest() + 1 && !pending.isEmpty()) {
      log.add(pending);
    } else if (version != log.newest()) {
      throw new IllegalStateException(
          table + " is at version " + version + ", and the log at " + log.newest());
    }
    pending = Map.of();
  }

  private void write(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    var changed = new HashMap<String, Optional<String>>();
    var relation = table.relation();
    changes(
        connection,
        "UPDATE "
            + relation
            + " SET v1 = v1 || 'u', v2 = v2 * 1.5, v4 = v4 / 3, v6 = NOT v6, v7 = v7 + interval '1 h' WHERE "
            + table.among("unnest(?)")
            + RETURNING,
        draw(MOST_UPDATES),
        changed);
    changes(
        connection,
        table.insert("unnest(?)") + RETURNING,
        draw(
            Databases.number(connection, "SELECT count(*) FROM " + relation) < FEW
                ? 200
                : MOST_OTHERS),
        changed);
    var much = table.losesMany() && random.nextInt(RARELY) == 0;
    deletes(
        connection,
        "DELETE FROM "
            + relation
            + " WHERE "
            + table.among("unnest(?)")
            + " RETURNING ROW(k)::text",
        much ? draw(NUMBERS) : draw(MOST_OTHERS),
        changed);
    changes(
        connection,
        "UPDATE "
            + relation
            + " SET v1 = '"
            + (log.newest() + 1)
            + "' WHERE "
            + table.among("unnest(?)")
            + RETURNING,
        new Integer[] {0},
        changed);
    pending = changed;
    connection.commit();
    log.add(changed);
    pending = Map.of();
  }

  private Integer[] draw(int most) {
    return random
        .ints(1 + random.nextInt(most), 1, NUMBERS)
        .distinct()
        .boxed()
        .toArray(Integer[]::new);
  }

  private static void changes(
      Connection connection, String sql, Integer[] numbers, Map<String, Optional<String>> changed)
      throws SQLException {
    try (var statement = prepare(connection, sql, numbers);
        var rows = statement.executeQuery()) {
      while (rows.next()) {
        changed.put(rows.getString(1), Optional.of(rows.getString(2)));
      }
    }
  }

  private static void deletes(
      Connection connection, String sql, Integer[] numbers, Map<String, Optional<String>> changed)
      throws SQLException {
    try (var statement = prepare(connection, sql, numbers);
        var rows = statement.executeQuery()) {
      while (rows.next()) {
        changed.put(rows.getString(1), Optional.empty());
      }
    }
  }

  private static PreparedStatement prepare(Connection connection, String sql, Integer[] numbers)
      throws SQLException {
    var statement = connection.prepareStatement(sql);
    statement.setArray(1, connection.createArrayOf("int4", numbers));
    return statement;
  }
}
