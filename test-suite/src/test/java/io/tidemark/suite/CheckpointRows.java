package io.tidemark.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How much of a lane's work its loss costs at most, whenever it is lost: the most rows between two
 * checkpoints of a VNode. Each that the home commits is looked at there, by a trigger.
 */
final class CheckpointRows {
  private static final int CHANGED = 300_000;

  /** More than are compared in a second. */
  private static final int SAME = 4_000_000;

  /** Few, so that no VNode ends before its lane has to write. */
  private static final int VNODES = 2;

  private final Path folder;
  private final Path tidemark;

  CheckpointRows(Path folder, Path tidemark) {
    this.folder = folder;
    this.tidemark = tidemark;
  }

  /** A Markdown table. */
  String measure(int runs) throws Exception {
    try (var databases = new Databases()) {
      fill(databases, "changed", CHANGED);
      fill(databases, "same", SAME);
      var config = config(databases);
      sync(config, "changed");
      watch(databases);
      var changed = new ArrayList<Double>();
      var same = new ArrayList<Double>();
      for (var run = 1; run <= runs; run++) {
        Databases.execute(databases.source, "UPDATE public.changed SET v = " + run);
        changed.add(most(databases, config, "changed"));
        same.add(most(databases, config, "same"));
      }
      return """
      Tables of %d VNodes, at full speed, %d runs; the most rows of a VNode between two checkpoints: median (least to most)

      | table | rows | goal |
      | --- | --- | --- |
      | %,d rows, all of them changed | %s | 10,000: a chunk |
      | %,d rows, none changed | %s | as many as are compared in a second |
      """
          .formatted(VNODES, runs, CHANGED, spread(changed), SAME, spread(same));
    }
  }

  private static void fill(Databases databases, String table, int rows) throws Exception {
    for (var side : List.of(databases.source, databases.home)) {
      Databases.execute(
          side,
          "CREATE TABLE public." + table + " (id bigint NOT NULL, v int NOT NULL)",
          "INSERT INTO public." + table + " SELECT i, 0 FROM generate_series(1, " + rows + ") i",
          "ALTER TABLE public." + table + " ADD PRIMARY KEY (id)",
          "VACUUM (FREEZE, ANALYZE) public." + table);
    }
  }

  private static String spread(List<Double> values) {
    var spread = Spread.of(values.stream().mapToDouble(Double::doubleValue).toArray());
    return "%,.0f (%,.0f to %,.0f)".formatted(spread.median(), spread.least(), spread.most());
  }

  private double most(Databases databases, Path config, String table) throws Exception {
    Databases.execute(databases.home, "TRUNCATE public.written");
    sync(config, table);
    return Databases.number(databases.home, "SELECT max(rows) FROM public.written");
  }

  private static void watch(Databases databases) throws Exception {
    Databases.execute(
        databases.home,
        "CREATE TABLE public.written (rows bigint NOT NULL)",
        """
        CREATE FUNCTION public.write_down() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO public.written VALUES (NEW.rows_read - OLD.rows_read);
          RETURN NULL;
        END $$
        """,
        """
        CREATE TRIGGER write_down AFTER UPDATE OF rows_read ON tidemark.refresh_progress
        FOR EACH ROW WHEN (NEW.rows_read > OLD.rows_read) EXECUTE FUNCTION public.write_down()
        """);
  }

  private Path config(Databases databases) throws IOException {
    return Files.writeString(
        folder.resolve("checkpoints.yaml"),
        """
        home: "%1$s"
        tables:
          - name: changed
            source: {type: postgres, url: "%2$s", table: public.changed}
            target: public.changed
            vnodes: %3$d
          - name: same
            source: {type: postgres, url: "%2$s", table: public.same}
            target: public.same
            vnodes: %3$d
        """
            .formatted(databases.homeAddress.url(), databases.sourceAddress.url(), VNODES));
  }

  private void sync(Path config, String table) throws Exception {
    var log = folder.resolve("sync.log").toFile();
    var code =
        new ProcessBuilder(tidemark.toString(), "sync", "-f", config.toString(), table)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
            .start()
            .waitFor();
    if (code != 0) {
      throw new AssertionError("sync ended with " + code + ", see " + log);
    }
  }
}
