package io.tidemark.executor.source.iceberg;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.jspecify.annotations.Nullable;

/** What an error of the library means. */
final class IcebergFailure {
  private static final int MAX_CAUSES = 10;
  private static final int MAX_WORDS = 600;

  private IcebergFailure() {}

  /**
   * As a user should see it.
   *
   * @param doing what failed: "a.parquet cannot be read"
   */
  static TidemarkException of(Exception error, String doing) {
    if (error instanceof TidemarkException known) {
      return known;
    }
    if (cause(error, UnsupportedFileSystemException.class)
        || cause(error, ClassNotFoundException.class)) {
      return new TidemarkException(
          ErrorReport.of(ErrorCode.CONFIG_INVALID, doing + ": " + words(error))
              .withHint(
                  "This version reads folders that a node sees: mount the storage, and name the"
                      + " folder."),
          error);
    }
    return new TidemarkException(
        ErrorReport.of(ErrorCode.SOURCE_FAILED, doing + ": " + words(error)), error);
  }

  /** Whether a file is not there, as after its snapshot has expired. */
  static boolean isGone(Exception error) {
    return cause(error, NotFoundException.class)
        || cause(error, java.io.FileNotFoundException.class);
  }

  private static boolean cause(Exception error, Class<? extends Exception> type) {
    @Nullable Throwable at = error;
    for (var depth = 0; at != null && depth < MAX_CAUSES; depth++) {
      if (type.isInstance(at)) {
        return true;
      }
      at = at.getCause();
    }
    return false;
  }

  /** The outermost and the innermost say what and why. */
  private static String words(Exception error) {
    @Nullable Throwable root = error;
    for (var depth = 0; depth < MAX_CAUSES && root.getCause() != null; depth++) {
      root = root.getCause();
    }
    var outer = message(error);
    var inner = message(root);
    var words = outer.contains(inner) ? outer : outer + ": " + inner;
    return words.length() > MAX_WORDS ? words.substring(0, MAX_WORDS) + "…" : words;
  }

  private static String message(Throwable error) {
    var text = error.getMessage() == null ? error.toString() : error.getMessage();
    return text.strip().replaceAll("\\s*\\R\\s*", "; ");
  }
}
