package io.tidemark.launcher.demo;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.launcher.home.EmbeddedHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
      "a first load, a refresh of 1 % changes, a kill -9 halfway through another refresh, its"
          + " resume, and a proof in plain SQL that both tables are equal."
    },
    exitCodeList = {"0:both tables are equal", "1:something failed", "2:wrong usage"})
public final class DemoCommand implements Callable<Integer> {
  private static final String TABLE = "orders";
  private static final String TARGET = "public.orders";
  private static final String PASSWORD_VARIABLE = "TIDEMARK_DEMO_HOME";
  private static final String SOURCE_VARIABLE = "TIDEMARK_DEMO_SOURCE";
  private static final int MIN_ROWS = 1_000;
  private static final int MAX_ROWS = 100_000_000;

  @Spec CommandSpec spec = CommandSpec.create();

  @Option(names = "--rows", paramLabel = "N", description = "Orders in the source table.")
  int rows = 500_000;

  private final Report report = new Report();
  private volatile @Nullable SyncProcess child;

  @Override
  public Integer call() throws Exception {
    if (rows < MIN_ROWS || rows > MAX_ROWS) {
      throw new ParameterException(
          spec.commandLine(), "--rows must be between %,d and %,d".formatted(MIN_ROWS, MAX_ROWS));
    }
    var folder = Files.createTempDirectory("tidemark-demo");
    // The embedded server may run as another user, who must be able to pass.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    var cleanUp = new Thread(() -> delete(folder));
    Runtime.getRuntime().addShutdownHook(cleanUp);
    try (var home = EmbeddedHome.open(folder.resolve("data"))) {
      return play(folder, home.address(), home.database("shop"));
    } finally {
      var running = child;
      if (running != null && running.isAlive()) {
        running.kill();
      }
    }
  }

  private int play(Path folder, PostgresAddress home, PostgresAddress source) throws Exception {
    var config = Files.writeString(folder.resolve("demo.yaml"), config());
    var environment = Map.of(PASSWORD_VARIABLE, home.url(), SOURCE_VARIABLE, source.url());
    try (var shop = new Shop(source)) {
      say("1. A shop's database with %,d orders.", rows);
      shop.open(rows);

      say("2. First load into a table that does not exist yet.");
      run("first load", config, environment);

      say("3. The shop changes %,d rows. A refresh writes those and no others.", shop.edit(1));
      run("refresh of 1 % changes", config, environment);

      say("4. The shop changes %,d more. Halfway through the refresh: kill -9.", shop.edit(2));
      var completed = killHalfway(config, environment, home);
      say("   Killed with %d VNodes complete. The same command again:", completed);
      run("resumed after kill -9", config, environment);

      say("5. Nothing changed: nothing is written.");
      run("refresh without changes", config, environment);
    }
    return prove(home, source);
  }

  private void run(String step, Path config, Map<String, String> environment) throws Exception {
    var start = System.nanoTime();
    var process = SyncProcess.start(config, TABLE, environment);
    child = process;
    var view = process.succeed();
    report.add(step, view, (System.nanoTime() - start) / 1_000_000);
  }

  /** Watches the refresh in the home, as anyone with psql could. */
  private long killHalfway(Path config, Map<String, String> environment, PostgresAddress home)
      throws Exception {
    var process = SyncProcess.start(config, TABLE, environment);
    child = process;
    try (var watch = new HalfwayWatch(home)) {
      var completed = watch.await(process::isAlive);
      process.kill();
      return completed;
    }
  }

  private int prove(PostgresAddress home, PostgresAddress source)
      throws SQLException, InterruptedException {
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
        .formatted(PASSWORD_VARIABLE, TABLE, SOURCE_VARIABLE, TARGET);
  }

  private static void say(String format, Object... arguments) {
    System.err.printf(format + "%n", arguments);
  }

  private static void delete(Path folder) {
    try (var files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      System.err.println("tidemark: " + folder + " could not be removed");
    }
  }
}
