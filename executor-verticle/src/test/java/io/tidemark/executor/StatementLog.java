package io.tidemark.executor;

import io.tidemark.executor.plan.TwoDatabases;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What the server itself has logged of the statements that Tidemark sent to one database. */
final class StatementLog {
  private static final AtomicInteger MARKS = new AtomicInteger();
  private static final long LIMIT_SECONDS = 20;
  private static final String COPY = "statement: COPY (";
  private static final String TO = ") TO STDOUT";

  private final Connection database;
  private final String name;

  private StatementLog(Connection database, String name) {
    this.database = database;
    this.name = name;
  }

  /** Of connections opened from now on, and of this one. */
  static StatementLog of(Connection database) throws SQLException {
    var name = TwoDatabases.column(database, "SELECT current_database()").getFirst();
    TwoDatabases.run(
        database,
        "ALTER DATABASE " + name + " SET log_statement = 'all'",
        "SET log_statement = 'all'");
    return new StatementLog(database, name);
  }

  /** The queries that were copied out so far, in the order in which they came. */
  List<String> copies() throws SQLException {
    var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    var mark = "mark " + MARKS.incrementAndGet() + " of " + name;
    TwoDatabases.run(database, "SELECT '" + mark + "'");
    while (System.nanoTime() < deadline) {
      var log =
          TwoDatabases.column(
                  database, "SELECT pg_catalog.pg_read_file(pg_catalog.pg_current_logfile())")
              .getFirst();
      if (log.contains("SELECT '" + mark + "'")) {
        return log.lines()
            .filter(line -> line.startsWith(name + "@tidemark") && line.contains(COPY))
            .map(line -> line.substring(line.indexOf(COPY) + COPY.length(), line.lastIndexOf(TO)))
            .toList();
      }
    }
    throw new AssertionError("the server's log does not show " + mark);
  }
}
