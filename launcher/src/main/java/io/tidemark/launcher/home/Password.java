package io.tidemark.launcher.home;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;

/** The password of the embedded server: random, in a file that only its owner may read. */
final class Password {
  private static final int BYTES = 24;

  private Password() {}

  /**
   * Reads it, or makes a new one where there are no data yet.
   *
   * @param needed whether data exist that only the old one opens
   */
  static String of(Path file, boolean needed) throws IOException {
    if (Files.exists(file)) {
      var password = Files.readString(file).strip();
      if (!password.isEmpty()) {
        return password;
      }
    }
    if (needed) {
      throw new TidemarkException(
          ErrorReport.of(
                  ErrorCode.HOME_FAILED,
                  "the file " + file + " with the password of the embedded Postgres is gone")
              .withHint("Restore it, or move the folder away to begin with an empty one."));
    }
    var random = new byte[BYTES];
    new SecureRandom().nextBytes(random);
    var password = HexFormat.of().formatHex(random);
    Files.deleteIfExists(file);
    Files.createFile(file, ownerOnly());
    Files.writeString(file, password + "\n");
    return password;
  }

  /** A file with it that the server's user will read and the caller deletes. */
  static Path temporary(Path folder, String password) throws IOException {
    var file = folder.resolve("password.new");
    Files.deleteIfExists(file);
    Files.createFile(file, ownerOnly());
    return Files.writeString(file, password + "\n");
  }

  private static FileAttribute<?>[] ownerOnly() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }
}
