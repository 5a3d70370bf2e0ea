package io.tidemark.launcher.demo;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tidemark.common.bus.Json;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.refresh.RefreshView;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code tidemark sync} in a process of its own, which can be killed as hard as one likes. */
final class SyncProcess {
  private static final long LIMIT_SECONDS = 300;
  private static final TypeReference<RefreshView> VIEW = new TypeReference<>() {};

  private final Process process;
  private final Path output;

  private SyncProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /**
   * Starts one. Its progress goes where this process's goes.
   *
   * @param environment variables that its configuration names
   */
  static SyncProcess start(Path config, String table, Map<String, String> environment)
      throws IOException {
    var output = Files.createTempFile(config.toAbsolutePath().getParent(), "sync", ".json");
    var command = new ArrayList<String>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(option -> !option.startsWith("-agentlib"))
            .toList());
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path", ""),
            "io.tidemark.launcher.Tidemark",
            "sync",
            "-f",
            config.toString(),
            table,
            "--json"));
    var builder =
        new ProcessBuilder(command)
            .redirectOutput(output.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment);
    return new SyncProcess(builder.start(), output);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** SIGKILL, and waits for the end. */
  void kill() {
    process.destroyForcibly().onExit().orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
  }

  /**
   * Waits for its end.
   *
   * @throws TidemarkException where it does not end well
   */
  RefreshView succeed() throws IOException, InterruptedException {
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      kill();
      throw new TidemarkException(
          ErrorCode.BUG, "the sync did not end within " + LIMIT_SECONDS + " s");
    }
    if (process.exitValue() != 0) {
      throw new TidemarkException(
          ErrorCode.BUG, "the sync ended with exit code " + process.exitValue());
    }
    return Json.MAPPER.readValue(Files.readString(output), VIEW);
  }
}
