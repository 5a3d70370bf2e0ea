package io.tidemark.suite;

import io.tidemark.common.bus.Json;
import io.tidemark.common.refresh.RefreshView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * What progress and barriers cost: the same refresh with hardly any of them, with as many as there
 * are by default, and with ten times as many, where the cost of each shows more.
 */
final class BarrierCost {
  private static final String SELDOM = "60s";
  private static final List<String> INTERVALS = List.of(SELDOM, "1s", "100ms");
  private static final Map<String, String> GOALS = Map.of("1s", "1.02");
  private static final double MILLIS = 1_000;

  private final Path folder;
  private final Path tidemark;
  private final int rows;

  /**
   * One refresh.
   *
   * @param seconds from its request to its end: the start of the process left out
   * @param cpu seconds of the process, its start too, and of all of Postgres
   * @param barriers that were out meanwhile
   */
  private record Run(double seconds, double cpu, long barriers) {}

  BarrierCost(Path folder, Path tidemark, int rows) {
    this.folder = folder;
    this.tidemark = tidemark;
    this.rows = rows;
  }

  /** A Markdown table. Each round begins with what the one before ended with. */
  String measure(int rounds) throws Exception {
    try (var databases = new Databases()) {
      fill(databases);
      var postmaster =
          CpuSeconds.parent(Databases.number(databases.home, "SELECT pg_backend_pid()"));
      var runs = new HashMap<String, List<Run>>();
      for (var interval : INTERVALS) {
        sync(config(databases, interval));
        runs.put(interval, new ArrayList<>());
      }
      for (var round = 0; round < rounds; round++) {
        for (var interval : round % 2 == 0 ? INTERVALS : INTERVALS.reversed()) {
          var run = run(config(databases, interval), databases.home, postmaster);
          runs.get(interval).add(run);
          System.err.printf(
              "barriers every %s: %.2f s, %.2f s of CPU, %d barriers%n",
              interval, run.seconds(), run.cpu(), run.barriers());
        }
      }
      return table(rounds, runs);
    }
  }

  private String table(int rounds, Map<String, List<Run>> runs) {
    var text =
        new StringBuilder(
            """
            %,d rows, unchanged, %d rounds; seconds: median (least to most); ratios to the run with barriers every \
            60 s of the same round: median (interval that holds the true one in 95 of 100 cases)

            | barriers every | barriers | seconds | ratio | CPU seconds of node and Postgres | ratio | goal |
            | --- | --- | --- | --- | --- | --- | --- |
            """
                .formatted(rows, rounds));
    for (var interval : INTERVALS) {
      text.append(
          "| %s | %.0f | %s | %s | %s | %s | %s |%n"
              .formatted(
                  interval,
                  spread(runs.get(interval), Run::barriers).median(),
                  spread(runs.get(interval), Run::seconds),
                  ratio(runs, interval, Run::seconds),
                  spread(runs.get(interval), Run::cpu),
                  ratio(runs, interval, Run::cpu),
                  GOALS.getOrDefault(interval, "")));
    }
    return text.toString();
  }

  private static Spread spread(List<Run> runs, ToDoubleFunction<Run> of) {
    return Spread.of(runs.stream().mapToDouble(of).toArray());
  }

  private static String ratio(
      Map<String, List<Run>> runs, String interval, ToDoubleFunction<Run> of) {
    if (interval.equals(SELDOM)) {
      return "1";
    }
    return MedianInterval.of(
            compared(
                runs, interval, (run, seldom) -> of.applyAsDouble(run) / of.applyAsDouble(seldom)))
        .toString();
  }

  private static double[] compared(
      Map<String, List<Run>> runs, String interval, ToDoubleBiFunction<Run, Run> by) {
    var seldom = runs.get(SELDOM);
    return IntStream.range(0, seldom.size())
        .mapToDouble(round -> by.applyAsDouble(runs.get(interval).get(round), seldom.get(round)))
        .toArray();
  }

  private void fill(Databases databases) throws Exception {
    for (var side : List.of(databases.source, databases.home)) {
      Databases.execute(
          side,
          "CREATE TABLE public.t (id bigint NOT NULL, n int NOT NULL)",
          "INSERT INTO public.t SELECT i, i FROM generate_series(1, " + rows + ") i",
          "ALTER TABLE public.t ADD PRIMARY KEY (id)",
          "VACUUM (FREEZE, ANALYZE) public.t");
    }
    Databases.execute(databases.home, "CHECKPOINT");
  }

  private Path config(Databases databases, String interval) throws IOException {
    return Files.writeString(
        folder.resolve("barriers-" + interval + ".yaml"), config(databases, interval, ""));
  }

  /**
   * Of table t and its barriers.
   *
   * @param more of the table's definition: a line of YAML, or empty
   */
  static String config(Databases databases, String interval, String more) {
    return """
           home: "%s"
           meta: {barrier-interval: %s, lease: 120s}
           tables:
             - name: t
               source: {type: postgres, url: "%s", table: public.t}
               target: public.t
               %s
           """
        .formatted(databases.homeAddress.url(), interval, databases.sourceAddress.url(), more);
  }

  /** One {@code sync}. */
  private Run run(Path config, Connection home, long postmaster) throws Exception {
    var epoch = epoch(home);
    var before = CpuSeconds.ofEndedChildren() + CpuSeconds.ofFamily(postmaster);
    var view = sync(config);
    // What a session cost is complete when it is gone.
    Until.holds(
        "its sessions have ended",
        () ->
            Databases.number(
                    home,
                    "SELECT count(*) FROM pg_stat_activity"
                        + " WHERE application_name LIKE 'tidemark%'")
                == 0);
    return new Run(
        Duration.between(view.requestedAt(), view.finishedAt()).toMillis() / MILLIS,
        CpuSeconds.ofEndedChildren() + CpuSeconds.ofFamily(postmaster) - before,
        epoch(home) - epoch);
  }

  private RefreshView sync(Path config) throws Exception {
    var process =
        new ProcessBuilder(tidemark.toString(), "sync", "-f", config.toString(), "t", "--json")
            .directory(folder.toFile())
            .redirectError(ProcessBuilder.Redirect.appendTo(folder.resolve("sync.log").toFile()))
            .start();
    var view = Json.MAPPER.readValue(process.getInputStream(), RefreshView.class);
    var code = process.waitFor();
    if (code != 0 || view.rows().unchanged() != rows || view.finishedAt() == null) {
      throw new AssertionError("sync ended with " + code + ": " + view);
    }
    return view;
  }

  private static long epoch(Connection home) throws SQLException {
    return Databases.number(home, "SELECT max(epoch) FROM tidemark.leases");
  }
}
