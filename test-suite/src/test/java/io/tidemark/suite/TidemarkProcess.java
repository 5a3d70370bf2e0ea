package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The {@code tidemark} command in a JVM of its own, with a small heap. */
public final class TidemarkProcess implements AutoCloseable {
  private static final long LIMIT_SECONDS = 90;

  /** A build in the background ignores SIGINT, and its children inherit that: this undoes it. */
  private static final List<String> HEARS_INTERRUPTS = hearsInterrupts();

  private final Process process;
  private final Path out;
  private final Path err;

  private TidemarkProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  static TidemarkProcess start(Path folder, String... arguments) throws IOException {
    return start(folder, Map.of(), arguments);
  }

  static TidemarkProcess start(Path folder, Map<String, String> environment, String... arguments)
      throws IOException {
    return start(folder, TidemarkJvm.command(TidemarkJvm.SMALL), environment, arguments);
  }

  /**
   * Likewise.
   *
   * @param jvm command line up to and with the main class
   */
  static TidemarkProcess start(
      Path folder, List<String> jvm, Map<String, String> environment, String... arguments)
      throws IOException {
    var out = Files.createTempFile(folder, "out", ".txt");
    var err = Files.createTempFile(folder, "err", ".txt");
    var command = new ArrayList<>(HEARS_INTERRUPTS);
    command.addAll(jvm);
    command.addAll(List.of(arguments));
    var builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().putAll(environment);
    return new TidemarkProcess(builder.start(), out, err);
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** SIGKILL, and waits for the end. */
  public void kill() throws InterruptedException {
    process.destroyForcibly();
    assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  /** SIGTERM, and waits for the end; its exit code. */
  int terminate() throws InterruptedException {
    process.destroy();
    return await();
  }

  /** SIGINT, as Ctrl-C sends it, and waits for the end; its exit code. */
  int interrupt() throws IOException, InterruptedException {
    signal("INT");
    return await();
  }

  /** SIGSTOP: it stands still, and its connections stay open. */
  void pause() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** SIGCONT: it goes on where it stood. */
  void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    var sent = new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start().waitFor();
    assertThat(sent).as("exit code of kill").isZero();
  }

  /** Waits for its end; its exit code. */
  int await() throws InterruptedException {
    assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
        .as("ends within %d s; stderr: %s", LIMIT_SECONDS, err())
        .isTrue();
    return process.exitValue();
  }

  String out() {
    return read(out);
  }

  public String err() {
    return read(err);
  }

  public long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
  }

  /** Where {@code env} cannot do it, the tests of SIGINT need a build in the foreground. */
  private static List<String> hearsInterrupts() {
    var prefix = List.of("env", "--default-signal=INT");
    try {
      var probe = new ArrayList<>(prefix);
      probe.add("true");
      return new ProcessBuilder(probe).start().waitFor() == 0 ? prefix : List.of();
    } catch (IOException e) {
      return List.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
