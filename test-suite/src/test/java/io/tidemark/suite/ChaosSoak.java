package io.tidemark.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Random faults from a seed against a cluster whose tables refresh again and again while their
 * sources change: see {@code test-suite/soak/chaos}.
 */
public final class ChaosSoak {
  private static final int ALL_LINES = 100_000;

  private final long seed;
  private final int seconds;
  private final int count;
  private final Path folder;
  private final ChaosDiary diary = new ChaosDiary();

  private ChaosSoak(long seed, int seconds, int count, Path folder) {
    this.seed = seed;
    this.seconds = seconds;
    this.count = count;
    this.folder = folder;
  }

  /**
   * Exit code 1 where something does not hold.
   *
   * @param arguments seconds, seed, number of nodes, and a folder for what is left of it
   */
  public static void main(String[] arguments) throws Exception {
    var seed = Long.parseLong(arguments[1]);
    var folder = Files.createDirectories(Path.of(arguments[3]).resolve("seed-" + seed));
    var held =
        new ChaosSoak(seed, Integer.parseInt(arguments[0]), Integer.parseInt(arguments[2]), folder)
            .run();
    System.exit(held ? 0 : 1);
  }

  private boolean run() throws Exception {
    var schedule = ChaosSchedule.of(seed, seconds, ChaosNodes.names(count));
    System.err.printf("seed %d, %d s, %d nodes%n%s%n", seed, seconds, count, schedule);
    try (var home = new OwnPostgres(folder);
        var source = new OwnPostgres(folder, StatementLog.SETTINGS)) {
      var databases = new Databases(source.port(), home.port());
      var statements = new StatementLog(source, databases.source);
      // Its connections would not survive what comes; its addresses do.
      databases.close();
      run(schedule, new Setting(databases, statements, home, source));
    } finally {
      diary.write(folder.resolve("diary.log"));
    }
    if (!diary.hasViolation()) {
      System.out.printf("seed %d held%n", seed);
      removeDatabases();
      return true;
    }
    System.out.printf("seed %d FAILED, see %s:%n", seed, folder);
    diary.violations().forEach(System.out::println);
    return false;
  }

  private void removeDatabases() throws IOException {
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        if (folder.relativize(file).toString().startsWith("postgres-")) {
          Files.delete(file);
        }
      }
    }
  }

  /** What the cluster works on. */
  private record Setting(
      Databases databases, StatementLog statements, OwnPostgres home, OwnPostgres source) {}

  private void run(ChaosSchedule schedule, Setting setting) throws Exception {
    try (var nodes =
        new ChaosNodes(setting.databases(), setting.home(), setting.source(), folder, diary)) {
      try {
        run(schedule, setting.databases(), nodes, setting.statements());
      } catch (Exception | AssertionError e) {
        diary.violation(e.toString());
      }
      if (diary.hasViolation()) {
        Files.writeString(folder.resolve("nodes.log"), nodes.nodes.cluster.tails(ALL_LINES));
      }
    }
  }

  private void run(
      ChaosSchedule schedule, Databases databases, ChaosNodes nodes, StatementLog statements)
      throws Exception {
    var random = new SplittableRandom(seed);
    var sources = new ArrayList<VersionedSource>();
    var refreshes = new ArrayList<ChaosRefreshes>();
    for (var table : ChaosTable.all()) {
      var source = new VersionedSource(table, databases.sourceAddress, random.nextLong());
      sources.add(source);
      refreshes.add(
          new ChaosRefreshes(
              table, nodes.nodes, databases, source.log(), statements, diary, random.nextLong()));
    }
    nodes.start(count);
    diary.say(
        count
            + " nodes are ready"
            + (nodes.isIsolated()
                ? ""
                : "; they have no networks of their own: links are cut instead"));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var writing = sources.stream().<Future<?>>map(threads::submit).toList();
      var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      var refreshing =
          refreshes.stream().<Future<?>>map(it -> threads.submit(() -> refresh(it, end))).toList();
      nodes.strike(schedule);
      await(refreshing);
      sources.forEach(VersionedSource::stop);
      await(writing);
    }
    if (!diary.hasViolation()) {
      checkAtRest(databases, refreshes);
    }
    summary(nodes, refreshes);
    refreshes.forEach(ChaosRefreshes::close);
  }

  private void refresh(ChaosRefreshes refreshes, long end) {
    try {
      while (System.nanoTime() < end && !diary.hasViolation()) {
        refreshes.refresh();
      }
    } catch (Exception | AssertionError e) {
      diary.violation(refreshes + ": " + e);
    }
  }

  private static void await(List<Future<?>> all) throws InterruptedException, ExecutionException {
    for (var one : all) {
      one.get();
    }
  }

  /** One refresh more while nothing fails and nobody writes. */
  private void checkAtRest(Databases databases, List<ChaosRefreshes> refreshes) throws Exception {
    for (var it : refreshes) {
      it.refresh();
    }
    try (var home = databases.homeAddress.connect("test");
        var source = databases.sourceAddress.connect("test")) {
      for (var table : ChaosTable.all()) {
        var wanted = TableImage.of(source, table.relation(), "k").bytes();
        if (!TableImage.of(home, table.relation(), "k").bytes().equals(wanted)) {
          diary.violation("bytes of " + table.id() + " at rest are not those of its source");
        }
      }
    }
  }

  private void summary(ChaosNodes nodes, List<ChaosRefreshes> refreshes) {
    var tables = ChaosTable.all();
    for (var i = 0; i < tables.size(); i++) {
      diary.say("%s: %s".formatted(tables.get(i).id(), refreshes.get(i).results()));
    }
    diary.say("faults: " + new TreeMap<>(nodes.count()));
    diary.say("fenced writes of nodes that live: " + Math.round(nodes.nodes.fencedWrites()));
  }
}
