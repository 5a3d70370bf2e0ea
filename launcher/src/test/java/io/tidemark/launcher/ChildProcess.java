package io.tidemark.launcher;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A main class of this class path in a JVM of its own, as a user would start it. */
public record ChildProcess(Process process, Path out, Path err) {
  private static final long PATIENCE_SECONDS = 120;

  /** How it ended. */
  public record Result(int exitCode, String out, String err) {}

  public static ChildProcess start(
      Path folder, Map<String, String> environment, Class<?> main, String... arguments)
      throws IOException {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    var out = Files.createTempFile(folder, "out", ".txt");
    var err = Files.createTempFile(folder, "err", ".txt");
    var builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().putAll(environment);
    return new ChildProcess(builder.start(), out, err);
  }

  /** Runs the command to its end. */
  static Result tidemark(Path folder, Map<String, String> environment, String... arguments)
      throws Exception {
    return start(folder, environment, Tidemark.class, arguments).end();
  }

  /** Waits for its end. */
  public Result end() throws Exception {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("it does not end: " + Files.readString(err));
    }
    return new Result(process.exitValue(), read(out), read(err));
  }

  /** Waits until it has printed a line, and returns it. */
  public String line() throws Exception {
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (System.nanoTime() < end && process.isAlive()) {
      var printed = read(out);
      if (printed.endsWith("\n")) {
        return printed.strip();
      }
      process.waitFor(50, TimeUnit.MILLISECONDS);
    }
    throw new AssertionError("it printed nothing: " + read(err));
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }
}
