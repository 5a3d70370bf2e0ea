package io.tidemark.toxiproxy.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One life of a node. */
final class NodeProcess {
  private static final long END_SECONDS = 30;

  private final String name;
  private final Process process;

  private NodeProcess(String name, Process process) {
    this.name = name;
    this.process = process;
  }

  /** Appends what it says to these files. */
  static NodeProcess start(
      String name,
      List<String> command,
      Map<String, String> environment,
      Path folder,
      Path out,
      Path err) {
    var builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(ProcessBuilder.Redirect.appendTo(out.toFile()))
            .redirectError(ProcessBuilder.Redirect.appendTo(err.toFile()));
    builder.environment().putAll(environment);
    try {
      return new NodeProcess(name, builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  void signal(String signal) {
    Shell.run("kill", "-" + signal, Long.toString(process.pid()));
  }

  /** SIGKILL works on one that stands still, too. */
  void kill() {
    process.destroyForcibly();
    await();
  }

  int terminate() {
    process.destroy();
    return await();
  }

  private int await() {
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException(name + " does not end in " + END_SECONDS + " s");
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
