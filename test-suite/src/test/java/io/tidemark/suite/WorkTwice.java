package io.tidemark.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * How much of a lane's work its loss costs. The most rows of a VNode between two checkpoints: each
 * that the home commits is looked at there, by a trigger. And what the source itself counts that it
 * has sent twice, where the process is killed in the middle and another goes on: also what was on
 * its way to the first, and was read by nobody.
 */
final class WorkTwice {
  private static final int CHANGED = 300_000;

  /** More than are compared in a second. */
  private static final int SAME = 3_000_000;

  /** Of a row, so that few of them fit into what is on its way. */
  private static final int BYTES = 400;

  /** Few, so that no VNode ends before its lane has to write; one for each of two lanes. */
  private static final int VNODES = 2;

  /** Nearly as long as from barrier to barrier, but not so long that a refresh ends. */
  private static final int MOMENT_MILLIS = 900;

  /** 128 and the number of SIGKILL. */
  private static final int KILLED = 137;

  private final Path folder;
  private final Path tidemark;
  private final Random random = new Random(7);

  WorkTwice(Path folder, Path tidemark) {
    this.folder = folder;
    this.tidemark = tidemark;
  }

  /** A Markdown table. */
  String measure(int runs) throws Exception {
    try (var databases = new Databases()) {
      fill(databases, "changed", CHANGED);
      fill(databases, "same", SAME);
      var config = config(databases);
      end(sync(config, "changed"));
      watch(databases);
      var changedBetween = new ArrayList<Double>();
      var sameBetween = new ArrayList<Double>();
      var changedTwice = new ArrayList<Double>();
      var sameTwice = new ArrayList<Double>();
      for (var run = 1; run <= runs; run++) {
        change(databases);
        var changed = undisturbed(databases, config, "changed", changedBetween);
        var same = undisturbed(databases, config, "same", sameBetween);
        change(databases);
        changedTwice.add(killed(databases, config, "changed", CHANGED) - changed);
        sameTwice.add(killed(databases, config, "same", SAME) - same);
        System.err.printf("sent twice: %s, %s%n", changedTwice.getLast(), sameTwice.getLast());
      }
      return """
      Tables of %d VNodes, %d lanes, at full speed, %d runs; rows: median (least to most)

      | table | between two checkpoints of a VNode, at most | goal | SIGKILL in the middle: sent twice by the source, to both lanes | goal |
      | --- | --- | --- | --- | --- |
      | %,d rows, all of them changed | %s | 10,000: a chunk | %s | 20,000 and what was on its way |
      | %,d rows, none changed | %s | 100,000 | %s | 200,000 and what was on its way |
      """
          .formatted(
              VNODES,
              VNODES,
              runs,
              CHANGED,
              spread(changedBetween),
              spread(changedTwice),
              SAME,
              spread(sameBetween),
              spread(sameTwice));
    }
  }

  private static void fill(Databases databases, String table, int rows) throws Exception {
    for (var side : List.of(databases.source, databases.home)) {
      Databases.execute(
          side,
          "CREATE TABLE public." + table + " (id bigint NOT NULL, v int NOT NULL, pad text)",
          "INSERT INTO public.%s SELECT i, 0, repeat('x', %d) FROM generate_series(1, %d) i"
              .formatted(table, BYTES, rows),
          "ALTER TABLE public." + table + " ADD PRIMARY KEY (id)",
          "VACUUM (FREEZE, ANALYZE) public." + table);
    }
  }

  private static void change(Databases databases) throws Exception {
    Databases.execute(
        databases.source, "UPDATE public.changed SET v = v + 1", "VACUUM public.changed");
  }

  private static String spread(List<Double> values) {
    var spread = Spread.of(values.stream().mapToDouble(Double::doubleValue).toArray());
    return "%,.0f (%,.0f to %,.0f)".formatted(spread.median(), spread.least(), spread.most());
  }

  /** A whole refresh: rows that the source has sent. */
  private double undisturbed(
      Databases databases, Path config, String table, List<Double> betweenCheckpoints)
      throws Exception {
    Databases.execute(databases.home, "TRUNCATE public.written");
    var before = sent(databases, table);
    end(sync(config, table));
    betweenCheckpoints.add(
        (double) Databases.number(databases.home, "SELECT max(rows) FROM public.written"));
    return sent(databases, table) - before;
  }

  /** One that is killed when some of it is read, and gone on with. */
  private double killed(Databases databases, Path config, String table, int rows) throws Exception {
    Databases.execute(databases.home, "TRUNCATE public.written");
    var before = sent(databases, table);
    var victim = sync(config, table);
    var at = rows / 10 + random.nextInt(rows / 10 * 3);
    Until.holds(
        "it has read " + at + " rows",
        () ->
            !victim.isAlive()
                || Databases.number(
                        databases.home, "SELECT coalesce(sum(rows), 0) FROM public.written")
                    >= at);
    // A checkpoint is committed just now: not always the same moment between two of them.
    var moment = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(MOMENT_MILLIS));
    Until.holds("a moment has passed", () -> System.nanoTime() > moment);
    if (victim.destroyForcibly().waitFor() != KILLED) {
      throw new AssertionError("it had ended before it was killed: take more rows");
    }
    end(sync(config, table));
    return sent(databases, table) - before;
  }

  /** What the source counts; a session adds its part when it ends. */
  private static double sent(Databases databases, String table) throws Exception {
    Until.holds(
        "nobody reads from the source",
        () ->
            Databases.number(
                    databases.source,
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                        + " AND application_name ~ '^tidemark'")
                == 0);
    return Databases.number(
        databases.source,
        "SELECT coalesce(idx_tup_fetch, 0) + seq_tup_read FROM pg_stat_user_tables"
            + " WHERE relname = '%s'".formatted(table));
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

  private Process sync(Path config, String table) throws IOException {
    return new ProcessBuilder(tidemark.toString(), "sync", "-f", config.toString(), table)
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("sync.log").toFile()))
        .start();
  }

  private void end(Process sync) throws InterruptedException {
    if (sync.waitFor() != 0) {
      throw new AssertionError(
          "sync ended with " + sync.exitValue() + ", see " + folder.resolve("sync.log"));
    }
  }
}
