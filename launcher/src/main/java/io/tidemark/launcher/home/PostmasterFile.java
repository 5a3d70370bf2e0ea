package io.tidemark.launcher.home;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What a running server writes about itself: {@code postmaster.pid} in its data folder. */
record PostmasterFile(Path path, ProcessHandle process, int port) {
  private static final int PORT_LINE = 3;

  /** Of a process that lives; empty where there is none, or the file is not complete. */
  static Optional<PostmasterFile> ofLiving(Path data) {
    var path = data.resolve("postmaster.pid");
    try {
      var lines = Files.readAllLines(path);
      if (lines.size() <= PORT_LINE) {
        return Optional.empty();
      }
      var port = Integer.parseInt(lines.get(PORT_LINE).strip());
      return ProcessHandle.of(Long.parseLong(lines.get(0).strip()))
          .filter(ProcessHandle::isAlive)
          .map(process -> new PostmasterFile(path, process, port));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Whether the process is a Postgres; not, where its number now belongs to another program. */
  boolean isPostgres() {
    return process
        .info()
        .command()
        .map(command -> Path.of(command).getFileName().toString().startsWith("postgres"))
        .orElse(false);
  }
}
