package io.tidemark.suite.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.tidemark.suite.ClusterNodes;
import io.tidemark.suite.Databases;
import io.tidemark.suite.TidemarkProcess;
import io.tidemark.suite.TidemarkServer;
import io.tidemark.suite.Until;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A leader and three executors in processes of their own, which all scenarios of a run share. */
final class ScenarioNodes implements AutoCloseable {
  private static final List<String> EXECUTORS = List.of("b", "c", "d");

  private static final int TAIL_LINES = 25;

  final Databases databases;
  final Path folder;
  final Holds holds;
  final TidemarkServer server;
  private final Path config;
  private final String members;
  private final Map<String, TidemarkProcess> executors = new HashMap<>();
  private final List<TidemarkProcess> all = new ArrayList<>();

  ScenarioNodes(Path folder) throws Exception {
    this.folder = folder;
    databases = new Databases();
    members = ClusterNodes.members();
    config =
        Files.writeString(
            folder.resolve("tidemark.yaml"),
            """
            home: "%s"
            meta: {barrier-interval: 200ms, lease: 2s}
            executor: {lanes: 2, retry-for: 3s}
            tables: []
            """
                .formatted(databases.homeAddress.url()));
    try {
      var leader = begin("a", "frontend,meta");
      all.add(leader.process());
      server = leader.ready();
      holds = new Holds(databases);
      for (var name : EXECUTORS) {
        start(name);
        awaitExecutors(executors.size());
      }
    } catch (Exception | AssertionError e) {
      System.err.println(tails());
      close();
      throw e;
    }
  }

  private TidemarkServer.Starting begin(String name, String roles) throws Exception {
    return TidemarkServer.begin(
        folder, config, "--node-id", name, "--cluster", members, "--roles", roles);
  }

  private void start(String name) throws Exception {
    var executor = begin(name, "executor").process();
    all.add(executor);
    executors.put(name, executor);
  }

  private void awaitExecutors(int living) throws Exception {
    Until.holds(
        living + " executors are known",
        Scene.LOOK_EVERY,
        () -> ClusterNodes.live(server) >= living);
  }

  /** One to kill and one to go on. */
  void mend() throws Exception {
    mend(2);
  }

  /** Starts those that have been killed, and waits only until as many live. */
  void mend(int living) throws Exception {
    for (var name : EXECUTORS) {
      if (!executors.get(name).isAlive()) {
        start(name);
      }
    }
    awaitExecutors(living);
  }

  /** Kills whoever works on a refresh at that moment; its name. */
  String kill(Strike moment, long refresh) throws Exception {
    Until.holds("somebody is " + moment, () -> worker(moment, refresh).isPresent());
    var victim = worker(moment, refresh).orElseThrow();
    executors.get(victim).kill();
    return victim;
  }

  private Optional<String> worker(Strike moment, long refresh) throws Exception {
    return Databases.column(databases.home, moment.owners(refresh)).stream()
        .filter(name -> executors.get(name).isAlive())
        .findFirst();
  }

  /**
   * Defines a table.
   *
   * @param definition as YAML
   */
  void define(String table, String definition) throws Exception {
    var answer = server.put("/tables/" + table, new YAMLMapper().readTree(definition));
    assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
  }

  /** What the processes have said, for a test that fails. */
  String tails() {
    return all.stream().map(ScenarioNodes::tail).collect(Collectors.joining());
  }

  private static String tail(TidemarkProcess process) {
    var lines = process.err().lines().toList();
    return "--- %d%s\n%s\n"
        .formatted(
            process.pid(),
            process.isAlive() ? "" : ", ended",
            String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size())));
  }

  @Override
  public void close() throws SQLException {
    all.forEach(TidemarkProcess::close);
    databases.close();
  }
}
