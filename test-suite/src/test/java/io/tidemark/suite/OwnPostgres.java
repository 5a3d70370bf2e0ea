package io.tidemark.suite;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A Postgres server of one test, to be killed, paused and started again. */
final class OwnPostgres implements AutoCloseable {
  private static final long END_SECONDS = 30;

  private final Path data;
  private final Map<String, String> settings;
  private EmbeddedPostgres server;

  OwnPostgres(Path folder) throws IOException {
    this(folder, Map.of());
  }

  /**
   * @param settings of the server, beside those of tests
   */
  OwnPostgres(Path folder, Map<String, String> settings) throws IOException {
    this.data = folder.resolve("postgres-" + Long.toHexString(System.nanoTime()));
    this.settings = Map.copyOf(settings);
    this.server = builder().start();
  }

  private EmbeddedPostgres.Builder builder() {
    var builder = EmbeddedPostgres.builder().setDataDirectory(data).setCleanDataDirectory(false);
    // One that is killed must not forget what it has said to be committed.
    builder.setServerConfig("synchronous_commit", "on");
    settings.forEach(builder::setServerConfig);
    return builder;
  }

  /** Where its files are. */
  Path data() {
    return data;
  }

  int port() {
    return server.getPort();
  }

  /** SIGKILL to all its processes, then a start at the same port. */
  void killAndRestart() throws Exception {
    var port = port();
    var all = processes();
    all.forEach(ProcessHandle::destroyForcibly);
    for (var process : all) {
      process.onExit().get(END_SECONDS, TimeUnit.SECONDS);
    }
    server.close();
    server = builder().setPort(port).start();
  }

  void pause() throws Exception {
    signal("STOP");
  }

  void resume() throws Exception {
    signal("CONT");
  }

  private void signal(String name) throws Exception {
    for (var process : processes()) {
      // One of a connection that has just ended may be gone.
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    }
  }

  private List<ProcessHandle> processes() throws IOException {
    var pid = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).getFirst().strip());
    var postmaster = ProcessHandle.of(pid).orElseThrow();
    return Stream.concat(Stream.of(postmaster), postmaster.descendants()).toList();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
