package io.tidemark.suite.scenario;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every connector through every scenario. In each build mixed changes for each kind, three of them
 * with an executor that is killed; {@code test-suite/chaos/scenarios} runs all.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ScenarioTest {
  /** Regular expressions that kinds, scenarios and strikes must match; absent: the core. */
  private static final String KINDS = "scenario.kinds";

  private static final String NAMES = "scenario.names";
  private static final String STRIKES = "scenario.strikes";

  /** Where the table of results is. */
  private static final String REPORT = "scenario.report";

  private static final boolean IS_CORE = System.getProperty(KINDS) == null;

  private final ScenarioReport report =
      new ScenarioReport(Optional.ofNullable(System.getProperty(REPORT)).map(Path::of));
  private Optional<ScenarioNodes> opened = Optional.empty();
  private int number;

  @BeforeAll
  void open(@TempDir Path folder) throws Exception {
    opened = Optional.of(new ScenarioNodes(folder));
  }

  @AfterAll
  void close() throws Exception {
    if (opened.isPresent()) {
      opened.get().close();
    }
  }

  static Stream<Arguments> cases() {
    return IS_CORE
        ? Arrays.stream(SourceKind.values()).map(kind -> Arguments.of(kind, core(kind)))
        : Arrays.stream(SourceKind.values())
            .filter(kind -> matches(KINDS, kind.name()))
            .flatMap(
                kind ->
                    Scenarios.ALL.stream()
                        .filter(it -> it.fits().test(kind) && matches(NAMES, it.name()))
                        .map(it -> Arguments.of(kind, wanted(it))));
  }

  private static Scenario wanted(Scenario scenario) {
    return scenario.striking(
        scenario.strikes().stream()
            .filter(it -> matches(STRIKES, it.name()))
            .toArray(Strike[]::new));
  }

  private static Scenario core(SourceKind kind) {
    return RowChanges.all()
        .getFirst()
        .striking(
            switch (kind) {
              case CSV -> Strike.LOADING;
              case POSTGRES -> Strike.MERGING;
              case ICEBERG -> Strike.FINISHING;
              case NDJSON, PARQUET, JDBC, POSTGRES_VIEW, POSTGRES_QUERY -> Strike.PLAIN;
            });
  }

  private static boolean matches(String property, String name) {
    return Pattern.compile(System.getProperty(property, ".")).matcher(name).find();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theTargetIsWhatTheSourceWas(SourceKind kind, Scenario scenario) throws Exception {
    var nodes = opened.orElseThrow();
    var began = System.nanoTime();
    var turn = 0;
    number++;
    try (var scene = new Scene(nodes, kind, "t" + number)) {
      try {
        scenario.beginning().begin(scene);
        for (var strike : scenario.strikes()) {
          turn++;
          scenario.turn().play(scene, strike, turn);
        }
        report.add(kind, scenario, held(scenario, turn, secondsSince(began)));
      } catch (Exception | AssertionError e) {
        var where = turn == 0 ? "beginning" : scenario.strikes().get(turn - 1).name();
        report.add(kind, scenario, "**failed** " + where);
        System.err.println(kind + " " + scenario + " " + where + "\n" + nodes.tails());
        scene.abandon();
        throw e;
      }
    }
  }

  /** Of all turns of the scenario, whichever were wanted. */
  private static String held(Scenario scenario, int turns, long seconds) {
    var all =
        Scenarios.ALL.stream()
            .filter(it -> it.name().equals(scenario.name()))
            .mapToInt(it -> it.strikes().size())
            .sum();
    return "%d of %d, %d s".formatted(turns, all, seconds);
  }

  private static long secondsSince(long began) {
    return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began);
  }
}
