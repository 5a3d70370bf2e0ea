package io.tidemark.launcher.home;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Runs a program of Postgres to its end. */
final class PostgresProgram {
  /** All that it inherits: the environment of this process may hold secrets. */
  private static final Set<String> ENVIRONMENT = Set.of("PATH", "HOME", "TMPDIR", "SystemRoot");

  private PostgresProgram() {}

  static Result run(ServerUser user, Path binaries, String program, List<String> arguments)
      throws IOException {
    var command = new ArrayList<>(user.prefix());
    command.add(binaries.resolve("bin").resolve(program).toString());
    command.addAll(arguments);
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().retainAll(ENVIRONMENT);
    var process = builder.start();
    process.getOutputStream().close();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      return new Result(process.waitFor() == 0, output);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroy();
      throw new IOException(program + " was interrupted", e);
    }
  }

  /** How it ended, and what it said. */
  record Result(boolean succeeded, String output) {
    /** The last line that tells of an error, else the last line. */
    Optional<String> lastLine() {
      return lastLine(output);
    }

    /** As {@link #lastLine()} of the server's log, where the program itself knows no more. */
    Optional<String> lastLine(Path log) throws IOException {
      return Files.exists(log)
          ? lastLine(Files.readString(log, StandardCharsets.UTF_8)).or(this::lastLine)
          : lastLine();
    }

    private static Optional<String> lastLine(String text) {
      var lines = text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
      return lines.reversed().stream()
          .filter(
              line -> {
                var lower = line.toLowerCase(Locale.ROOT);
                return lower.contains("fatal:") || lower.contains("error:");
              })
          .findFirst()
          .or(() -> lines.isEmpty() ? Optional.empty() : Optional.of(lines.getLast()));
    }
  }
}
