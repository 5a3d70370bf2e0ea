package io.tidemark.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The table of docs/FAILURES.md: one line a case, and what came of it when it was run last. Written
 * after each case, so that a run that is ended early has its results.
 */
final class FailureReport {
  private static final String NOT_RUN = "not run";

  private final Optional<Path> file;

  /**
   * @param file empty: nothing is written
   */
  FailureReport(Optional<Path> file) {
    this.file = file;
  }

  /** Replaces the line of a case, and keeps the others. */
  void add(FailureCase it, boolean held, double seconds, String recoveries) throws IOException {
    if (file.isEmpty()) {
      return;
    }
    var lines = read(file.get());
    lines.put(
        it.toString(),
        "%s | %.0f | %s".formatted(held ? "held" : "**failed**", seconds, recoveries));
    write(file.get(), lines);
  }

  private static Map<String, String> read(Path file) throws IOException {
    var lines = new HashMap<String, String>();
    if (Files.exists(file)) {
      for (var line : Files.readAllLines(file)) {
        var cells = line.split(" \\| ", 2);
        if (line.startsWith("| ") && cells.length == 2) {
          lines.put(cells[0].substring(2), cells[1].replaceFirst(" \\|$", ""));
        }
      }
    }
    return lines;
  }

  private static void write(Path file, Map<String, String> lines) throws IOException {
    var all = FailureCase.all();
    var known = all.stream().map(it -> lines.getOrDefault(it.toString(), NOT_RUN)).toList();
    var text = new StringBuilder();
    text.append(
        """
        # Failures

        What happens to a refresh when a part of the cluster fails: each case on real processes and a real Postgres, four nodes at most, 32 VNodes, a lease of 2 s.
        `test-suite/chaos/matrix` runs them and writes this table. How a case goes, and what is checked after it, is in `FailureRun`: target equal to the source
        byte for byte, the feed replayed on the table before gives the table after, nothing deleted before it may be, the source's own log of
        statements shows that no completed VNode was read again, each loss that must be noticed recorded while the fault lasts. What woke up or was healed is asked itself: an executor's write is
        refused and counted there, a leader says that it leads no more, an executor with a meta beside it that the bus does not reach says that it goes on by way of the home.

        `test-suite/soak/chaos [--seconds N] [--seed S] [--nodes 5]` does what no table has: faults of all these kinds, and drains and silent links, at random moments
        and up to two at once, while four tables (atomic, progressive, strict, first loads) refresh again and again and their sources change all the time. The faults follow
        from the seed. It looks at the home while refreshes run: nothing goes back, nobody sees the half of one, no row is missing before SUCCEEDED. After each refresh: what was read in
        one snapshot is equal to one version of the source, the feed replayed on the table before gives the table after, rows that did not differ have not been written, the
        source's own log shows that no completed VNode was read again (but by who was taken for lost, for what it had claimed). A node that ends by itself while
        the home was away is started again; one that ends without that, a drain with another exit code than 0, a refresh that does not end, is a violation: exit code 1, and
        the diary and all nodes' logs are in `test-suite/target/chaos`.

        Of 420 combinations 116 are left out, because nothing would happen: only executors reach the source, and only until all is merged; a database is not cut from
        itself, from the other or from the bus, and the source has nothing to do any more when a person is asked or a refresh finishes.

        Held: %d of %d; failed: %d; not run yet: %d.

        | case: victim, fault, moment, visibility | result | seconds | recoveries |
        | --- | --- | --- | --- |
        """
            .formatted(
                known.stream().filter(it -> it.startsWith("held")).count(),
                all.size(),
                known.stream().filter(it -> it.startsWith("**")).count(),
                known.stream().filter(it -> it.startsWith(NOT_RUN)).count()));
    for (var it : all) {
      var line = lines.getOrDefault(it.toString(), NOT_RUN + " | – | –");
      text.append("| ").append(it).append(" | ").append(line).append(" |\n");
    }
    Files.writeString(file, text);
  }
}
