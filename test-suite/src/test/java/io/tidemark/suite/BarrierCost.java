package io.tidemark.suite;

import io.tidemark.common.bus.Json;
import io.tidemark.common.refresh.RefreshView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What progress and barriers cost: the same refresh with many of them and with hardly any. */
final class BarrierCost {
  private static final String OFTEN = "1s";
  private static final String SELDOM = "60s";
  private static final double MILLIS = 1_000;

  private final Path folder;
  private final Path tidemark;
  private final int rows;

  BarrierCost(Path folder, Path tidemark, int rows) {
    this.folder = folder;
    this.tidemark = tidemark;
    this.rows = rows;
  }

  /** A Markdown table. Which of a pair comes first alternates. */
  String measure(int pairs) throws Exception {
    try (var databases = new Databases()) {
      fill(databases);
      var often = config(databases, OFTEN);
      var seldom = config(databases, SELDOM);
      seconds(often);
      seconds(seldom);
      var first = new ArrayList<Double>();
      var second = new ArrayList<Double>();
      for (var pair = 0; pair < pairs; pair++) {
        if (pair % 2 == 0) {
          first.add(seconds(often));
          second.add(seconds(seldom));
        } else {
          second.add(seconds(seldom));
          first.add(seconds(often));
        }
        System.err.printf(
            "barriers every %s: %.2f s, every %s: %.2f s%n",
            OFTEN, first.getLast(), SELDOM, second.getLast());
      }
      return table(first, second);
    }
  }

  private String table(List<Double> first, List<Double> second) {
    var ratios = new double[first.size()];
    for (var pair = 0; pair < ratios.length; pair++) {
      ratios[pair] = first.get(pair) / second.get(pair);
    }
    return """
    %,d rows, unchanged, %d pairs; seconds: median (least to most)

    | barriers every | seconds | ratio of pairs | goal |
    | --- | --- | --- | --- |
    | 60 s | %s | 1 | |
    | 1 s | %s | %s | 1.02 |
    """
        .formatted(rows, ratios.length, spread(second), spread(first), Spread.of(ratios));
  }

  private static Spread spread(List<Double> values) {
    return Spread.of(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private void fill(Databases databases) throws Exception {
    for (var side : List.of(databases.source, databases.home)) {
      Databases.execute(
          side,
          "CREATE TABLE public.t (id bigint PRIMARY KEY, n int NOT NULL, v text NOT NULL)",
          "INSERT INTO public.t SELECT i, i, repeat('x', 80) FROM generate_series(1, "
              + rows
              + ") i",
          "VACUUM (FREEZE, ANALYZE) public.t");
    }
  }

  private Path config(Databases databases, String interval) throws IOException {
    return Files.writeString(
        folder.resolve("barriers-" + interval + ".yaml"),
        """
        home: "%s"
        meta: {barrier-interval: %s, lease: 120s}
        tables:
          - name: t
            source: {type: postgres, url: "%s", table: public.t}
            target: public.t
        """
            .formatted(databases.homeAddress.url(), interval, databases.sourceAddress.url()));
  }

  /** Of one {@code sync}, the start of the process left out. */
  private double seconds(Path config) throws Exception {
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
    return Duration.between(view.requestedAt(), view.finishedAt()).toMillis() / MILLIS;
  }
}
