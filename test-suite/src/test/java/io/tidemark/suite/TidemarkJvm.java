package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.refresh.RefreshState;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The JVM that runs the {@code tidemark} command for tests: with what is shipped on its class path,
 * and none of the tests.
 */
final class TidemarkJvm {
  /** For processes that live for seconds, many on one machine. */
  static final List<String> SMALL =
      List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private static final String CLASS_PATH = classPath();

  private TidemarkJvm() {}

  /**
   * A command line up to and with the main class.
   *
   * @param options of the JVM
   */
  static List<String> command(List<String> options) {
    var all = new ArrayList<>(options);
    if (Archive.FILE != null) {
      // Not a word of it on stdout, which may be JSON, where it does not fit.
      all.addAll(List.of("-Xlog:disable", Archive.READ + Archive.FILE));
    }
    return plain(all);
  }

  private static List<String> plain(List<String> options) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            CLASS_PATH,
            "io.tidemark.launcher.Tidemark"));
    return command;
  }

  private static String classPath() {
    var all = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    var own = Path.of("target").toAbsolutePath();
    return String.join(
        File.pathSeparator,
        Stream.of(all.split(File.pathSeparator))
            .filter(entry -> !Path.of(entry).toAbsolutePath().startsWith(own))
            .toList());
  }

  /**
   * The classes of a node, as a JVM that ran one left them: mapped from there, another starts in
   * half the time, and this suite starts more than a hundred. The modules must be packaged, as in
   * {@code mvn verify}: classes in folders cannot be archived.
   */
  private static final class Archive {
    /** From Java 25 on they are archived as they are linked, and a start costs a quarter less. */
    private static final boolean IS_LINKED = Runtime.version().feature() >= 25;

    static final String READ = IS_LINKED ? "-XX:AOTCache=" : "-XX:SharedArchiveFile=";
    private static final String WRITE =
        IS_LINKED ? "-XX:AOTCacheOutput=" : "-XX:ArchiveClassesAtExit=";
    static final @Nullable Path FILE = record();

    private static @Nullable Path record() {
      if (!Stream.of(CLASS_PATH.split(File.pathSeparator)).allMatch(e -> e.endsWith(".jar"))) {
        return null;
      }
      try {
        var folder = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "archive");
        var file = folder.resolve("tidemark.jsa");
        run(folder, plain(Stream.concat(SMALL.stream(), Stream.of(WRITE + file)).toList()));
        assertThat(file).exists();
        file.toFile().deleteOnExit();
        return file;
      } catch (Exception | AssertionError e) {
        // A machine that is too slow for this has slower tests, and no failure that means nothing.
        System.err.println("no archive of classes: " + e);
        return null;
      }
    }

    private static void run(Path folder, List<String> jvm) throws Exception {
      try (var nodes = new ClusterNodes(folder);
          var process =
              TidemarkProcess.start(
                  folder,
                  jvm,
                  Map.of(),
                  "server",
                  "-f",
                  nodes.config(1_000_000).toString(),
                  "--port",
                  "0",
                  "--cluster",
                  ClusterNodes.members())) {
        var server = new TidemarkServer.Starting(process).ready();
        server.await(server.refresh("t"), RefreshState.SUCCEEDED);
        assertThat(process.terminate()).isZero();
      }
    }
  }
}
