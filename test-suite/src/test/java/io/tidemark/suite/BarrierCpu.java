package io.tidemark.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * What a barrier takes of a processor: its round in Postgres, the answer, and the checkpoints of
 * lanes that are in the middle of something. A refresh that is throttled does hardly anything else,
 * so that this shows on a machine that is not quiet, too.
 */
final class BarrierCpu {
  private static final List<String> INTERVALS = List.of("60s", "1s", "100ms");
  private static final int ROWS = 1_000_000;
  private static final int ROWS_PER_SECOND = 3_000;
  private static final int WARM_ROWS = 15_000;
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final long LIMIT_SECONDS = 60;
  private static final double MILLIS = 1_000;

  private final Path folder;
  private final Path tidemark;

  /**
   * Of one window.
   *
   * @param node CPU milliseconds of the node's process, {@code postgres} of all of Postgres
   */
  private record Window(double node, double postgres, long barriers) {}

  BarrierCpu(Path folder, Path tidemark) {
    this.folder = folder;
    this.tidemark = tidemark;
  }

  /** A Markdown table. */
  String measure(int runs) throws Exception {
    try (var databases = new Databases()) {
      for (var side : List.of(databases.source, databases.home)) {
        Databases.execute(
            side,
            "CREATE TABLE public.t (id bigint PRIMARY KEY, n int NOT NULL)",
            "INSERT INTO public.t SELECT i, i FROM generate_series(1, " + ROWS + ") i",
            "VACUUM (FREEZE, ANALYZE) public.t");
      }
      var windows = new HashMap<String, List<Window>>();
      for (var run = 0; run < runs; run++) {
        for (var interval : INTERVALS) {
          var window = window(databases, interval);
          System.err.println("barriers every " + interval + ": " + window);
          windows.computeIfAbsent(interval, it -> new ArrayList<>()).add(window);
        }
      }
      return table(windows);
    }
  }

  private static String table(Map<String, List<Window>> windows) {
    var text =
        new StringBuilder(
            """
            %,d rows a second, unchanged, %d windows of %d s; CPU milliseconds: median (least to most)

            | barriers every | barriers | node | Postgres | of both, more than every 60 s, a barrier |
            | --- | --- | --- | --- | --- |
            """
                .formatted(
                    ROWS_PER_SECOND,
                    windows.get(INTERVALS.getFirst()).size(),
                    TimeUnit.NANOSECONDS.toSeconds(WINDOW_NANOS)));
    var seldom = windows.get(INTERVALS.getFirst());
    for (var interval : INTERVALS) {
      var these = windows.get(interval);
      var more = new double[these.size()];
      for (var run = 0; run < more.length; run++) {
        var window = these.get(run);
        var other = seldom.get(run);
        more[run] =
            (window.node() + window.postgres() - other.node() - other.postgres())
                / Math.max(1, window.barriers() - other.barriers());
      }
      text.append(
          "| %s | %.0f | %s | %s | %s |%n"
              .formatted(
                  interval,
                  spread(these, Window::barriers).median(),
                  whole(spread(these, Window::node)),
                  whole(spread(these, Window::postgres)),
                  interval.equals(INTERVALS.getFirst()) ? "" : Spread.of(more)));
    }
    return text.toString();
  }

  private static Spread spread(List<Window> windows, ToDoubleFunction<Window> of) {
    return Spread.of(windows.stream().mapToDouble(of).toArray());
  }

  private static String whole(Spread spread) {
    return "%.0f (%.0f to %.0f)".formatted(spread.median(), spread.least(), spread.most());
  }

  /** Goes on with the refresh for a while, and interrupts it. */
  private Window window(Databases databases, String interval) throws Exception {
    var postmaster = CpuSeconds.parent(Databases.number(databases.home, "SELECT pg_backend_pid()"));
    var log = folder.resolve("sync.log").toFile();
    var process =
        new ProcessBuilder(
                tidemark.toString(), "sync", "-f", config(databases, interval).toString(), "t")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
            .start();
    try {
      var rows = new long[] {-1};
      Until.holds(
          "it is warm",
          () -> {
            if (!process.isAlive()) {
              throw new AssertionError("sync has ended, see " + log);
            }
            var now = completedRows(databases);
            rows[0] = rows[0] < 0 ? now : rows[0];
            return now >= rows[0] + WARM_ROWS;
          });
      var epoch = epoch(databases);
      var node = CpuSeconds.ofFamily(process.pid());
      var postgres = CpuSeconds.ofFamily(postmaster);
      if (process.waitFor(WINDOW_NANOS, TimeUnit.NANOSECONDS)) {
        throw new AssertionError("sync has ended, see " + log);
      }
      return new Window(
          (CpuSeconds.ofFamily(process.pid()) - node) * MILLIS,
          (CpuSeconds.ofFamily(postmaster) - postgres) * MILLIS,
          epoch(databases) - epoch);
    } finally {
      process.destroy();
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
  }

  /** 0 before there is a schema. */
  private static long completedRows(Databases databases) throws Exception {
    var exists =
        Databases.number(
            databases.home, "SELECT count(*) FROM pg_tables WHERE tablename = 'refresh_progress'");
    return exists == 0
        ? 0
        : Databases.number(
            databases.home,
            "SELECT sum(rows_read) FROM tidemark.refresh_progress WHERE is_completed");
  }

  private static long epoch(Databases databases) throws Exception {
    return Databases.number(databases.home, "SELECT max(epoch) FROM tidemark.leases");
  }

  private Path config(Databases databases, String interval) throws IOException {
    return Files.writeString(
        folder.resolve("cpu-" + interval + ".yaml"),
        BarrierCost.config(
            databases, interval, "throttle: {rows-per-second: " + ROWS_PER_SECOND + "}"));
  }
}
