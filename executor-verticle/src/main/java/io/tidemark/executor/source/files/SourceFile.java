package io.tidemark.executor.source.files;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;

/**
 * A file as it was when the refresh was planned: an entry of its manifest.
 *
 * @param path as it is opened and shown
 * @param size in bytes
 * @param modified in nanoseconds since 1970
 */
record SourceFile(String path, long size, long modified) {
  static SourceFile of(Path path) throws IOException {
    var found = Files.readAttributes(path, BasicFileAttributes.class);
    return new SourceFile(
        path.toString(), found.size(), found.lastModifiedTime().to(TimeUnit.NANOSECONDS));
  }

  /**
   * Makes sure that it still is what it was.
   *
   * @throws TidemarkException SOURCE_CHANGED
   */
  void requireUnchanged() {
    try {
      var now = of(Path.of(path));
      if (now.size != size) {
        throw changed(
            "had %d bytes when the refresh began, and has %d now".formatted(size, now.size));
      }
      if (now.modified != modified) {
        throw changed("was written to since the refresh began");
      }
    } catch (NoSuchFileException e) {
      throw changed("was there when the refresh began, and is gone");
    } catch (IOException e) {
      throw new TidemarkException(ErrorCode.SOURCE_FAILED, path + " cannot be read: " + e, e);
    }
  }

  private TidemarkException changed(String how) {
    return new TidemarkException(ErrorCode.SOURCE_CHANGED, path + " " + how);
  }
}
