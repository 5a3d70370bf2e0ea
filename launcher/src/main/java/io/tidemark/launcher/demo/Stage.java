package io.tidemark.launcher.demo;

import io.tidemark.common.home.PostgresAddress;
import io.tidemark.launcher.home.EmbeddedHome;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Where the demo plays: a folder with an embedded Postgres. Everything is gone when it closes, also
 * where a signal ends the demo.
 */
final class Stage implements AutoCloseable {
  private final Path folder;
  private final EmbeddedHome home;
  private final AtomicReference<@Nullable SyncProcess> child = new AtomicReference<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  private Stage(Path folder, EmbeddedHome home) {
    this.folder = folder;
    this.home = home;
    Runtime.getRuntime().addShutdownHook(new Thread(this::close, "tidemark-demo-close"));
  }

  static Stage open() throws IOException {
    var folder = Files.createTempDirectory("tidemark-demo");
    if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
      // The embedded server may run as another user, who must be able to pass.
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    }
    try {
      return new Stage(folder, EmbeddedHome.open(folder.resolve("data")));
    } catch (RuntimeException e) {
      delete(folder);
      throw e;
    }
  }

  Path folder() {
    return folder;
  }

  PostgresAddress home() {
    return home.address();
  }

  PostgresAddress source() {
    return home.database("shop");
  }

  /** A process that must not outlive the demo. */
  SyncProcess enter(SyncProcess process) {
    child.set(process);
    return process;
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    var running = child.get();
    if (running != null && running.isAlive()) {
      running.kill();
    }
    home.close();
    delete(folder);
  }

  private static void delete(Path folder) {
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      System.err.println("tidemark: " + folder + " could not be removed: " + e.getMessage());
    }
  }
}
