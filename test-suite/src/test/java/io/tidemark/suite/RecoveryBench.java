package io.tidemark.suite;

import io.tidemark.suite.RecoverySeconds.Loss;
import io.tidemark.suite.RecoverySeconds.Measured;
import io.tidemark.toxiproxy.harness.Cluster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * How long a cluster with default timings takes to go on after a loss, on real processes, and what
 * barriers cost: see {@code test-suite/bench/recovery} and {@code docs/BENCHMARKS.md}.
 */
public final class RecoveryBench {
  private static final int WINDOWS = 3;

  private RecoveryBench() {}

  /**
   * Prints Markdown tables to stdout, and what it does to stderr.
   *
   * @param arguments how often each loss, how many rounds of refreshes for barriers, rows of their
   *     table, the command {@code tidemark}, a folder for scratch files
   */
  public static void main(String[] arguments) throws Exception {
    var runs = Integer.parseInt(arguments[0]);
    var rounds = Integer.parseInt(arguments[1]);
    var tidemark = Path.of(arguments[3]);
    var folder = Path.of(arguments[4]);
    if (runs > 0) {
      losses(runs, folder);
      System.out.println(new WorkTwice(folder, tidemark).measure(runs));
    }
    if (rounds > 0) {
      System.out.println(new BarrierCpu(folder, tidemark).measure(WINDOWS));
      System.out.println(
          new BarrierCost(folder, tidemark, Integer.parseInt(arguments[2])).measure(rounds));
    }
    // The embedded server ends with this process.
    System.exit(0);
  }

  private static void losses(int runs, Path folder) throws Exception {
    var isolated = Cluster.cannotIsolate();
    isolated.ifPresent(why -> System.err.println("no network is cut: " + why));
    System.out.printf(
        "%,d rows, all of them changed, 256 VNodes, 3 executors of 2 lanes, default timings, %d"
            + " runs; seconds from the fault: median (least to most)%n%n",
        RecoverySeconds.ROWS, runs);
    System.out.println("| fault | what | measured | goal |");
    System.out.println("| --- | --- | --- | --- |");
    for (var loss : Loss.values()) {
      if (loss == Loss.EXECUTOR_CUT && isolated.isPresent()) {
        continue;
      }
      var all = new ArrayList<Measured>();
      for (var run = 0; run < runs; run++) {
        try (var bench = new RecoverySeconds(folder, isolated.isEmpty())) {
          var measured = bench.measure(loss);
          System.err.println(loss + ": " + measured);
          all.add(measured);
        }
      }
      print(loss, all);
    }
    System.out.println();
  }

  private static void print(Loss loss, List<Measured> all) {
    var goal = loss == Loss.EXECUTOR_CUT ? "10 s" : "3 s";
    switch (loss) {
      case EXECUTOR_KILLED, EXECUTOR_CUT -> {
        row(loss, "its VNodes are released", all, Measured::released, "");
        row(loss, "the first of them is read on", all, Measured::firstClaimed, goal);
        row(loss, "all of them are read on", all, Measured::lastClaimed, goal);
        row(loss, "work since the last checkpoints, done twice", all, Measured::unsaved, "1 s");
      }
      case LEADER_KILLED -> {
        row(loss, "barriers again", all, Measured::released, "6 s");
        row(loss, "and all executors have answered", all, Measured::lastClaimed, "");
      }
    }
  }

  private static void row(
      Loss loss, String what, List<Measured> all, ToDoubleFunction<Measured> of, String goal) {
    System.out.printf(
        "| %s | %s | %s | %s |%n",
        loss.name().toLowerCase(Locale.ROOT).replace('_', ' '),
        what,
        Spread.of(all.stream().mapToDouble(of).toArray()),
        goal);
  }
}
