package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A file system in memory that can be full. Only where this process may mount one. */
final class SmallDisk implements AutoCloseable {
  private static final String FILLING = "filling";

  final Path folder;

  SmallDisk(Path folder, int megabytes) throws Exception {
    this.folder = Files.createDirectory(folder);
    // Root alone does not suffice: a container may forbid it.
    run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", folder.toString());
  }

  /** Why there can be none here; empty: there can. */
  static Optional<String> unavailable() throws Exception {
    if (!System.getProperty("os.name").equals("Linux")) {
      return Optional.of("a disk that is full needs Linux: tmpfs");
    }
    var probe = Files.createTempDirectory("tidemark-mount");
    try (var disk = new SmallDisk(probe.resolve("disk"), 1)) {
      return Files.isDirectory(disk.folder)
          ? Optional.empty()
          : Optional.of("a disk that is full needs a mount, which is not there");
    } catch (AssertionError | IOException refused) {
      return Optional.of("a disk that is full needs to be mounted: " + refused.getMessage());
    } finally {
      Files.deleteIfExists(probe.resolve("disk"));
      Files.deleteIfExists(probe);
    }
  }

  /** Takes all that is left. */
  void fill() throws Exception {
    // It ends with an error, which is what is wanted.
    new ProcessBuilder("dd", "if=/dev/zero", "of=" + folder.resolve(FILLING), "bs=4k")
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
    assertThat(Files.getFileStore(folder).getUsableSpace()).isZero();
  }

  void free() throws IOException {
    Files.delete(folder.resolve(FILLING));
  }

  /** Also where somebody still has a file of it open. */
  @Override
  public void close() throws IOException {
    run("umount", "-l", folder.toString());
  }

  private static void run(String... command) throws IOException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.onExit().join().exitValue()).as("%s: %s", List.of(command), said).isZero();
  }
}
