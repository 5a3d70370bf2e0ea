package io.tidemark.common.config;

import io.tidemark.common.config.ConfigNode.Mapping;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.QualifiedName;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads what users write and checks it as far as it can be without a connection. All that is wrong
 * is said at once, each in a line of its own, see {@link ConfigProblem}.
 */
public final class ConfigReader {
  private static final int MAX_LANES = 64;
  private static final int MAX_CHUNK_ROWS = 1_000_000;
  private static final int MAX_PORT = 65_535;
  private static final int MAX_KEPT = 1_000_000;
  private static final Duration SHORTEST_BARRIER = Duration.ofMillis(10);
  private static final Duration LONGEST_BARRIER = Duration.ofMinutes(10);
  private static final Duration SHORTEST_LEASE = Duration.ofMillis(20);
  private static final Duration LONGEST = Duration.ofDays(1);

  private final Problems problems;
  private final Secrets secrets;

  private ConfigReader(Problems problems, Secrets secrets) {
    this.problems = problems;
    this.secrets = secrets;
  }

  /**
   * Reads a configuration file.
   *
   * @throws TidemarkException CONFIG_INVALID with all that is wrong
   */
  public static TidemarkConfig read(Path file) {
    return read(file, Secrets.ofEnvironment());
  }

  /**
   * As {@link #read(Path)}.
   *
   * @param secrets for placeholders in numbers, durations and choices; those in texts stay
   */
  public static TidemarkConfig read(Path file, Secrets secrets) {
    var problems = new Problems(file.toString());
    var config =
        content(file, problems)
            .flatMap(text -> YamlNodes.read(text, problems))
            .map(root -> new ConfigReader(problems, secrets).config(file.toString(), root));
    problems.throwIfAny();
    return config.orElseThrow();
  }

  /**
   * Reads one table's definition.
   *
   * @param origin what messages call the place it comes from: a file's name, or "request"
   * @param json an object in the shape of the file's tables
   * @throws TidemarkException CONFIG_INVALID with all that is wrong
   */
  public static TableDefinition readTable(String origin, String json) {
    var problems = new ArrayList<ConfigProblem>();
    return readTable(origin, json, problems::add)
        .orElseThrow(() -> ConfigProblem.exception(problems));
  }

  /**
   * As {@link #readTable(String, String)}, but tells what is wrong.
   *
   * @return the definition; empty where there was a problem
   */
  public static Optional<TableDefinition> readTable(
      String origin, String json, Consumer<ConfigProblem> problem) {
    return readTable(origin, json, problem, Secrets.ofEnvironment());
  }

  /**
   * As {@link #readTable(String, String, Consumer)}.
   *
   * @param secrets for placeholders in numbers, durations and choices; those in texts stay
   */
  public static Optional<TableDefinition> readTable(
      String origin, String json, Consumer<ConfigProblem> problem, Secrets secrets) {
    var problems = new Problems(origin);
    var table =
        JsonNodes.read(json, problems)
            .flatMap(
                root -> {
                  if (root instanceof Mapping mapping) {
                    return new TableReader(mapping, Optional.empty(), problems, secrets).read();
                  }
                  problems.add(
                      0, "is " + root.kind() + ", not a mapping", "send a table as a JSON object");
                  return Optional.empty();
                });
    problems.found().forEach(problem);
    return table;
  }

  private static Optional<String> content(Path file, Problems problems) {
    try {
      if (Files.isDirectory(file)) {
        problems.add(0, "is a directory, not a file", "name the YAML file in it");
        return Optional.empty();
      }
      return Optional.of(Files.readString(file));
    } catch (NoSuchFileException e) {
      problems.add(0, "the file does not exist", "check the path after -f");
    } catch (CharacterCodingException e) {
      problems.add(0, "the file is not UTF-8 text", "save it as UTF-8");
    } catch (IOException e) {
      problems.add(0, "the file cannot be read", "check its access rights");
    }
    return Optional.empty();
  }

  private TidemarkConfig config(String file, ConfigNode node) {
    if (!(node instanceof Mapping mapping)) {
      problems.add(
          node.line(),
          node instanceof ConfigNode.Empty
              ? "the file is empty"
              : "the file is " + node.kind() + ", not a mapping",
          "write at least `tables:` with one table");
      return new TidemarkConfig(
          file,
          Optional.empty(),
          TidemarkConfig.Server.DEFAULT,
          TidemarkConfig.Executor.DEFAULT,
          TidemarkConfig.Meta.DEFAULT,
          Optional.empty(),
          List.of());
    }
    var root = new Section(mapping, "", Optional.empty(), problems, secrets);
    var home = root.text("home");
    home.ifPresent(url -> TableReader.checkUrl(root, "home", url));
    var server = root.section("server").map(ConfigReader::server);
    var executor = root.section("executor").map(ConfigReader::executor);
    var meta = root.section("meta").map(ConfigReader::meta);
    var cluster = root.section("cluster").map(section -> new ClusterReader(section).read());
    var tables = tables(root);
    root.end();
    return new TidemarkConfig(
        file,
        home,
        server.orElse(TidemarkConfig.Server.DEFAULT),
        executor.orElse(TidemarkConfig.Executor.DEFAULT),
        meta.orElse(TidemarkConfig.Meta.DEFAULT),
        cluster,
        tables);
  }

  private static TidemarkConfig.Server server(Section server) {
    var standard = TidemarkConfig.Server.DEFAULT;
    var read =
        new TidemarkConfig.Server(
            server.resolved("host").orElse(standard.host()),
            server
                .whole("port", 0, MAX_PORT, standard.port())
                .map(Long::intValue)
                .orElse(standard.port()));
    server.end();
    return read;
  }

  private static TidemarkConfig.Executor executor(Section executor) {
    var standard = TidemarkConfig.Executor.DEFAULT;
    var read =
        new TidemarkConfig.Executor(
            executor.whole("lanes", 1, MAX_LANES, 4).map(Long::intValue).orElse(standard.lanes()),
            executor
                .duration("retry-for", Duration.ZERO, LONGEST, "30s")
                .orElse(standard.retryFor()),
            executor
                .whole("chunk-rows", 1, MAX_CHUNK_ROWS, standard.chunkRows())
                .map(Long::intValue)
                .orElse(standard.chunkRows()));
    executor.end();
    return read;
  }

  private static TidemarkConfig.Meta meta(Section meta) {
    var standard = TidemarkConfig.Meta.DEFAULT;
    var barrier = meta.duration("barrier-interval", SHORTEST_BARRIER, LONGEST_BARRIER, "1s");
    var lease = meta.duration("lease", SHORTEST_LEASE, LONGEST, "5s");
    var read =
        new TidemarkConfig.Meta(
            barrier.orElse(standard.barrierInterval()),
            lease.orElse(standard.lease()),
            new TidemarkConfig.Retention(
                keep(meta, "keep-changes", standard.retention().changes()),
                keep(meta, "keep-vnodes", standard.retention().vnodes()),
                keep(meta, "keep-history", standard.retention().history())));
    // A lease is renewed with a barrier: one that is late must not end it.
    var shortest = read.barrierInterval().multipliedBy(2);
    if (read.lease().compareTo(shortest) < 0) {
      meta.problem(
          lease.isPresent() ? "lease" : "barrier-interval",
          "the lease of "
              + DurationText.of(read.lease())
              + " is shorter than two barrier intervals of "
              + DurationText.of(read.barrierInterval()),
          "write a lease of " + DurationText.of(shortest) + " or more");
    }
    meta.end();
    return read;
  }

  /** A number of refreshes a table. */
  private static int keep(Section meta, String key, int standard) {
    return meta.whole(key, 1, MAX_KEPT, standard).map(Long::intValue).orElse(standard);
  }

  private List<TableDefinition> tables(Section root) {
    var tables = new ArrayList<TableDefinition>();
    var readers = new ArrayList<TableReader>();
    int number = 0;
    for (var node :
        root.list("tables", "`tables: [{name: …, source: {…}}]`").stream()
            .flatMap(list -> list.items().stream())
            .toList()) {
      number++;
      var label = Optional.of("#" + number);
      if (!(node instanceof Mapping mapping)) {
        problems.add(
            node.line(),
            label,
            "",
            "is " + node.kind() + ", not a mapping",
            "write `- name: …` and `source: …` below it");
        continue;
      }
      var reader = new TableReader(mapping, label, problems, secrets);
      reader.read().ifPresent(tables::add);
      readers.add(reader);
    }
    unique(readers);
    return tables;
  }

  /** Two tables may share neither name nor target. */
  private static void unique(List<TableReader> readers) {
    var byName = new HashMap<String, TableReader>();
    var byTarget = new HashMap<QualifiedName, TableReader>();
    for (var reader : readers) {
      var sameName = reader.name().map(name -> byName.putIfAbsent(name, reader));
      sameName.ifPresent(
          other ->
              reader.problem(
                  "name",
                  "is the name of the table in line " + other.line("name") + " too",
                  "give each table a name of its own"));
      var sameTarget = reader.target().map(target -> byTarget.putIfAbsent(target, reader));
      sameTarget
          .filter(other -> sameName.isEmpty())
          .ifPresent(
              other ->
                  reader.problem(
                      "target",
                      "is the target of the table in line " + other.line("name") + " too",
                      "give each table a target of its own"));
    }
  }
}
