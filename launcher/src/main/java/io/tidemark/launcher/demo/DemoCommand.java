package io.tidemark.launcher.demo;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.PostgresAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tidemark demo}: the main job, with a crash in the middle, proved with plain SQL. */
@Command(
    name = "demo",
    description = {
      "Shows the main job on an embedded Postgres that it throws away afterwards:",
      "a first load, a refresh of 1 %% changes, a kill -9 halfway through another refresh, its"
          + " resume, and a proof in plain SQL that both tables are equal."
    },
    exitCodeList = {"0:both tables are equal", "1:something failed", "2:wrong usage"})
public final class DemoCommand implements Callable<Integer> {
  private static final String TABLE = "orders";
  private static final String TARGET = "public.orders";
  private static final String HOME_VARIABLE = "TIDEMARK_DEMO_HOME";
  private static final String SOURCE_VARIABLE = "TIDEMARK_DEMO_SOURCE";
  private static final String CONFIG = "demo.yaml";
  private static final int MIN_ROWS = 1_000;
  private static final int MAX_ROWS = 100_000_000;

  @Spec CommandSpec spec = CommandSpec.create();

  @Option(names = "--rows", paramLabel = "N", description = "Orders in the source table.")
  int rows = 500_000;

  private final Report report = new Report();
  private Map<String, String> environment = Map.of();

  @Override
  public Integer call() throws Exception {
    if (rows < MIN_ROWS || rows > MAX_ROWS) {
      throw new ParameterException(
          spec.commandLine(), "--rows must be between %,d and %,d".formatted(MIN_ROWS, MAX_ROWS));
    }
    try (var stage = Stage.open()) {
      return play(stage);
    }
  }

  private int play(Stage stage) throws Exception {
    var source = stage.source();
    Files.writeString(stage.folder().resolve(CONFIG), config());
    environment = Map.of(HOME_VARIABLE, stage.home().url(), SOURCE_VARIABLE, source.url());
    try (var shop = new Shop(source)) {
      say("1. A shop's database with %,d orders.", rows);
      shop.open(rows);

      say("2. First load into a table that does not exist yet.");
      run("first load", stage);

      say("3. The shop changes %,d rows. A refresh writes those and no others.", shop.edit(1));
      run("refresh of 1 % changes", stage);

      say("4. The shop changes %,d more. Halfway through the refresh: kill -9.", shop.edit(2));
      var completed = killHalfway(stage);
      say("   Killed with %d VNodes complete. The same command again:", completed);
      run("resumed after kill -9", stage);

      say("5. Nothing changed: nothing is written.");
      run("refresh without changes", stage);
    }
    return prove(stage.home(), source);
  }

  private void run(String step, Stage stage) throws Exception {
    var start = System.nanoTime();
    var view = sync(stage).succeed();
    report.add(step, view, (System.nanoTime() - start) / 1_000_000);
  }

  private SyncProcess sync(Stage stage) throws IOException {
    return stage.enter(SyncProcess.start(stage.folder().resolve(CONFIG), TABLE, environment));
  }

  /** Watches the refresh in the home, as anyone with psql could. */
  private long killHalfway(Stage stage) throws Exception {
    var process = sync(stage);
    try (var watch = new HalfwayWatch(stage.home())) {
      var completed = watch.await(process::isAlive);
      process.kill();
      return completed;
    }
  }

  private int prove(PostgresAddress home, PostgresAddress source) throws SQLException {
    var there = Equality.of(source, TARGET);
    var here = Equality.of(home, TARGET);
    System.out.println();
    report.print(System.out);
    System.out.println();
    System.out.println("Proof: " + Equality.SQL.formatted(TARGET));
    System.out.printf("  source  %,d rows, %s%n", there.rows(), there.hash());
    System.out.printf("  target  %,d rows, %s%n", here.rows(), here.hash());
    if (!there.equals(here)) {
      throw new TidemarkException(ErrorCode.BUG, "the target does not equal the source");
    }
    System.out.println("  equal");
    return 0;
  }

  /** A short lease, so that nobody waits long for that of the killed process to run out. */
  private static String config() {
    return """
        home: "${env:%s}"
        meta: {barrier-interval: 200ms, lease: 2s}
        tables:
          - name: %s
            source: {type: postgres, url: "${env:%s}", table: public.orders}
            target: %s
        """
        .formatted(HOME_VARIABLE, TABLE, SOURCE_VARIABLE, TARGET);
  }

  private static void say(String format, Object... arguments) {
    System.err.printf(format + "%n", arguments);
  }
}
