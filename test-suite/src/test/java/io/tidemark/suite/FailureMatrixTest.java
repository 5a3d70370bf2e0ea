package io.tidemark.suite;

import io.tidemark.toxiproxy.harness.Cluster;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever fails whenever, a refresh ends right. In each build a few cases; {@code
 * test-suite/chaos/matrix} runs all, or those it is told.
 */
@Isolated("its cases take about as much of the machine as there is")
class FailureMatrixTest {
  /** A regular expression that cases must match; absent: the core. */
  private static final String CASES = "matrix.cases";

  /** Where the table of results is. */
  private static final String REPORT = "matrix.report";

  @TempDir Path folder;
  private final FailureReport report =
      new FailureReport(Optional.ofNullable(System.getProperty(REPORT)).map(Path::of));

  static List<FailureCase> cases() {
    var wanted = Optional.ofNullable(System.getProperty(CASES)).map(Pattern::compile);
    return FailureCase.all().stream()
        .filter(
            it ->
                wanted
                    .map(pattern -> pattern.matcher(it.toString()).find())
                    .orElseGet(() -> FailureCase.CORE.contains(it)))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aRefreshEndsRightWhateverFails(FailureCase it) throws Exception {
    if (it.isIsolated()) {
      Cluster.cannotIsolate().ifPresent(reason -> Assumptions.abort(reason));
    }
    var began = System.nanoTime();
    try (var run = new FailureRun(it, folder)) {
      try {
        var recoveries = run.run();
        report.add(it, true, secondsSince(began), recoveries);
      } catch (Exception | AssertionError e) {
        report.add(
            it,
            false,
            secondsSince(began),
            String.valueOf(e.getMessage()).lines().findFirst().orElse("").replace("|", "/"));
        System.err.println(it + "\n" + run.tails());
        throw e;
      }
    }
  }

  private static double secondsSince(long began) {
    return (System.nanoTime() - began) / (double) TimeUnit.SECONDS.toNanos(1);
  }
}
