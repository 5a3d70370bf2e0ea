package io.tidemark.launcher.home;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.io.file.PathUtils;
import org.tukaani.xz.XZInputStream;

/**
 * The programs of the embedded Postgres: unpacked once for each version into the user's cache. Into
 * a folder of its own first, which then takes its name, so that nobody sees half of them.
 */
final class PostgresBinaries {
  private static final int OWNER_EXECUTES = 0100;

  private PostgresBinaries() {}

  /** The folder that holds {@code bin}. */
  static Path unpacked(ServerUser user) {
    try {
      var archive = archive();
      var sum = MessageDigest.getInstance("SHA-256").digest(archive);
      var cache = cache(user);
      var folder = cache.resolve("postgres-" + HexFormat.of().formatHex(sum).substring(0, 16));
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(cache);
        unpack(archive, cache, folder);
      }
      return folder;
    } catch (IOException e) {
      throw new TidemarkException(
          ErrorCode.HOME_FAILED,
          "the embedded Postgres cannot be unpacked into the cache: " + e.getMessage(),
          e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] archive() throws IOException {
    var name = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    var system = name.startsWith("mac") ? "Darwin" : name.startsWith("win") ? "Windows" : "Linux";
    var machine = System.getProperty("os.arch", "");
    try (var stream =
        DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(
            system, machine.equals("amd64") ? "x86_64" : machine)) {
      return stream.readAllBytes();
    } catch (IllegalStateException e) {
      throw new TidemarkException(
          ErrorReport.of(
                  ErrorCode.HOME_FAILED,
                  "there is no embedded Postgres for " + system + " on " + machine)
              .withHint("Name a Postgres of your own with `home:`."),
          e);
    }
  }

  /** Where another user has to read it, it cannot be in the home folder. */
  private static Path cache(ServerUser user) {
    if (user.givesAway()) {
      return Path.of(System.getProperty("java.io.tmpdir", "/tmp"), "tidemark");
    }
    return Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
        .filter(path -> path.startsWith("/"))
        .map(Path::of)
        .orElseGet(() -> Path.of(System.getProperty("user.home", "/tmp"), ".cache"))
        .resolve("tidemark");
  }

  private static void unpack(byte[] archive, Path cache, Path folder) throws IOException {
    var half = Files.createTempDirectory(cache, "unpacking-");
    try (var tar =
        new TarArchiveInputStream(new XZInputStream(new ByteArrayInputStream(archive)))) {
      for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        unpack(entry, tar, half);
      }
      if (!half.toFile().setReadable(true, false) || !half.toFile().setExecutable(true, false)) {
        throw new IOException(half + " cannot be made readable");
      }
      Files.move(half, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException
        | DirectoryNotEmptyException
        | AtomicMoveNotSupportedException e) {
      if (!Files.isDirectory(folder)) {
        throw e;
      }
      // Another process was faster.
    } finally {
      if (Files.exists(half)) {
        PathUtils.deleteDirectory(half);
      }
    }
  }

  private static void unpack(TarArchiveEntry entry, TarArchiveInputStream tar, Path folder)
      throws IOException {
    var path = entry.resolveIn(folder);
    if (entry.isDirectory()) {
      Files.createDirectories(path);
      return;
    }
    Files.createDirectories(Optional.ofNullable(path.getParent()).orElse(folder));
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
    } else if (entry.isLink()) {
      Files.createLink(path, folder.resolve(entry.getLinkName()));
    } else {
      Files.copy(tar, path);
      if ((entry.getMode() & OWNER_EXECUTES) != 0 && !path.toFile().setExecutable(true, false)) {
        throw new IOException(path + " cannot be made executable");
      }
    }
  }
}
