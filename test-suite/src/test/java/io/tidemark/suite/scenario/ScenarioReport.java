package io.tidemark.suite.scenario;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The table of docs/SCENARIOS.md: what came of each scenario on each kind of source when it was run
 * last. Written after each of them, so that a run that is ended early has its results.
 */
final class ScenarioReport {
  private static final String NOT_RUN = "not run";
  private static final String NONE = "–";

  /** All turns of a scenario, and some of them. */
  private static final Pattern WHOLE = Pattern.compile("^(\\d+) of \\1,");

  private static final Pattern PLAYED = Pattern.compile("^\\d+ of \\d+,");
  private static final String CELL = " | ";

  private final Optional<Path> file;

  /**
   * @param file empty: nothing is written
   */
  ScenarioReport(Optional<Path> file) {
    this.file = file;
  }

  /** Replaces one cell and keeps the others. */
  void add(SourceKind kind, Scenario scenario, String result) throws IOException {
    if (file.isEmpty()) {
      return;
    }
    var cells = read(file.get());
    cells.put(id(kind, scenario.name()), result);
    Files.writeString(file.get(), text(cells));
  }

  private static String id(SourceKind kind, String scenario) {
    return kind + " " + scenario;
  }

  private static Map<String, String> read(Path file) throws IOException {
    var cells = new HashMap<String, String>();
    if (!Files.exists(file)) {
      return cells;
    }
    List<SourceKind> kinds = List.of();
    for (var line : Files.readAllLines(file)) {
      var parts = line.split(" ?\\| ?", -1);
      if (line.startsWith("| scenario | ")) {
        kinds =
            Arrays.stream(parts)
                .skip(2)
                .filter(it -> !it.isEmpty())
                .map(SourceKind::valueOf)
                .toList();
      } else if (line.startsWith("| ") && parts.length == kinds.size() + 3) {
        for (var kind = 0; kind < kinds.size(); kind++) {
          cells.put(id(kinds.get(kind), parts[1]), parts[kind + 2]);
        }
      }
    }
    return cells;
  }

  private static String text(Map<String, String> cells) {
    var kinds = List.of(SourceKind.values());
    var scenarios = Scenarios.ALL;
    var lines =
        scenarios.stream()
            .map(
                scenario ->
                    kinds.stream()
                        .map(kind -> cell(cells, kind, scenario))
                        .collect(Collectors.joining(CELL, "| " + scenario.name() + CELL, " |\n")))
            .collect(Collectors.joining());
    var known =
        scenarios.stream()
            .flatMap(
                scenario ->
                    kinds.stream().filter(scenario.fits()).map(kind -> cell(cells, kind, scenario)))
            .toList();
    return """
    # Scenarios

    What happens to a source between two refreshes or while one runs, on each connector: on real processes (a leader and three executors with 256 MB of heap) and a
    real Postgres. `test-suite/chaos/scenarios [KIND [SCENARIO [STRIKE]]]` runs them and writes this table; how each goes is in `RowChanges`, `KeysAndSizes` and `Accidents`.

    Where the scenario has a refresh that writes, it is played four times, on one table: undisturbed, and with SIGKILL for the executor that loads (in a split), that merges (in a VNode), and
    that finishes (everything is written, nothing committed). After each refresh: the target's columns and rows are those that the test wrote into the source, compared as
    text without Tidemark; the counts are those of the two versions; the change feed, replayed on the rows before, gives the rows after; a second refresh finds nothing.
    What fails leaves the target as it was, and the feed empty.

    A cell says how many of its turns held, and in how many seconds. Held: %d of %d; held as far as they were played: %d; failed: %d; not run yet: %d.

    | scenario | %s |
    | --- |%s
    %s\
    """
        .formatted(
            known.stream().filter(it -> WHOLE.matcher(it).find()).count(),
            known.size(),
            known.stream().filter(it -> PLAYED.matcher(it).find()).count()
                - known.stream().filter(it -> WHOLE.matcher(it).find()).count(),
            known.stream().filter(it -> it.startsWith("**")).count(),
            known.stream().filter(NOT_RUN::equals).count(),
            kinds.stream().map(SourceKind::name).collect(Collectors.joining(CELL)),
            " --- |".repeat(kinds.size()),
            lines);
  }

  private static String cell(Map<String, String> cells, SourceKind kind, Scenario scenario) {
    return scenario.fits().test(kind)
        ? cells.getOrDefault(id(kind, scenario.name()), NOT_RUN)
        : NONE;
  }
}
