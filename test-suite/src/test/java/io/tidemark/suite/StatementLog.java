package io.tidemark.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** What a server of databases was asked, by its own account. */
final class StatementLog {
  /** To start the server with. */
  static final Map<String, String> SETTINGS = Map.of("logging_collector", "on");

  private static final String FILE = "statements.log";
  private static final Pattern READ =
      Pattern.compile(
          "^(\\S+) (\\S+) UTC\\|tidemark (\\d+) lane\\S*\\|LOG:  statement: (COPY \\(SELECT .*)$");
  private static final Pattern LOWER = Pattern.compile(" > '([^']*)'");
  private static final Pattern UPPER = Pattern.compile(" <= '([^']*)'");

  private final Path file;

  /** Of a server that is open to this connection, from now on. */
  StatementLog(OwnPostgres server, Connection admin) throws SQLException {
    for (var setting :
        List.of(
            "log_filename = '" + FILE + "'",
            "log_rotation_size = 0",
            "log_rotation_age = 0",
            "log_timezone = 'UTC'",
            "log_line_prefix = '%m|%a|'",
            "log_statement = 'all'")) {
      Databases.execute(admin, "ALTER SYSTEM SET " + setting);
    }
    Databases.execute(admin, "SELECT pg_reload_conf()", "SELECT pg_rotate_logfile()");
    file = server.data().resolve("log").resolve(FILE);
  }

  /**
   * A lane's COPY of a VNode.
   *
   * @param lower the VNode's lower bound, or where it was resumed; empty: open-ended
   * @param upper the VNode's upper bound; empty: open-ended
   */
  record Read(Instant at, Optional<String> lower, Optional<String> upper) {}

  /** All reads of a refresh, in the order of their times. */
  List<Read> reads(long refresh) throws IOException {
    var reads = new ArrayList<Read>();
    try (var lines = Files.lines(file)) {
      lines
          .map(READ::matcher)
          .filter(line -> line.matches() && line.group(3).equals(Long.toString(refresh)))
          .forEach(
              line ->
                  reads.add(
                      new Read(
                          Instant.parse(line.group(1) + "T" + line.group(2) + "Z"),
                          bound(LOWER, line.group(4)),
                          bound(UPPER, line.group(4)))));
    }
    return reads;
  }

  private static Optional<String> bound(Pattern pattern, String statement) {
    var found = pattern.matcher(statement);
    return found.find() ? Optional.of(found.group(1)) : Optional.empty();
  }
}
