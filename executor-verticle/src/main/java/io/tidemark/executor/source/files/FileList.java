package io.tidemark.executor.source.files;

import io.tidemark.common.config.SourceDefinition.FileFormat;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Finds the files that a path means: one, all of a folder, or those that a glob matches. */
final class FileList {
  private static final Pattern GLOB = Pattern.compile("[*?\\[{]");

  /** Of a name, without what compressed it. */
  private static final Map<String, FileFormat> ENDINGS =
      Map.of(
          ".csv", FileFormat.CSV,
          ".tsv", FileFormat.CSV,
          ".ndjson", FileFormat.NDJSON,
          ".jsonl", FileFormat.NDJSON,
          ".parquet", FileFormat.PARQUET);

  private FileList() {}

  /**
   * The files, by path.
   *
   * @param path a file, a folder, whose subfolders count too, or a glob; relative to the working
   *     directory of the process. Files and folders whose names begin with a dot or an underscore
   *     are left out of folders and globs
   * @param format where it is known, a folder's other files are left out
   * @throws TidemarkException CONFIG_INVALID where a single file, or a folder, does not exist
   */
  static List<SourceFile> find(String path, Optional<FileFormat> format) {
    try {
      if (!GLOB.matcher(path).find()) {
        return ofPath(Path.of(path), format);
      }
      var matcher = FileSystems.getDefault().getPathMatcher("glob:" + path);
      var root = fixedPart(path);
      if (!Files.isDirectory(root)) {
        throw missing(root);
      }
      return under(root, matcher::matches);
    } catch (IOException e) {
      throw unreadable(path, e);
    } catch (UncheckedIOException e) {
      throw unreadable(path, e);
    }
  }

  /** By the name's ending; empty where it says nothing. */
  static Optional<FileFormat> formatOf(String path) {
    var name = path.toLowerCase(Locale.ROOT);
    var bare = name.endsWith(".gz") ? name.substring(0, name.length() - ".gz".length()) : name;
    return ENDINGS.entrySet().stream()
        .filter(ending -> bare.endsWith(ending.getKey()))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private static List<SourceFile> ofPath(Path path, Optional<FileFormat> format)
      throws IOException {
    if (Files.isDirectory(path)) {
      return under(
          path,
          file -> {
            var found = formatOf(file.toString());
            return found.isPresent() && (format.isEmpty() || found.equals(format));
          });
    }
    if (!Files.exists(path)) {
      throw missing(path);
    }
    return List.of(SourceFile.of(path));
  }

  private static List<SourceFile> under(Path root, Predicate<Path> wanted) throws IOException {
    try (var found =
        Files.find(
            root,
            Integer.MAX_VALUE,
            (path, attributes) ->
                attributes.isRegularFile() && !hidden(root, path) && wanted.test(path),
            FileVisitOption.FOLLOW_LINKS)) {
      var sorted = found.sorted().toList();
      return sorted.stream().map(FileList::file).collect(Collectors.toUnmodifiableList());
    }
  }

  private static SourceFile file(Path path) {
    try {
      return SourceFile.of(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean hidden(Path root, Path path) {
    for (var part : root.relativize(path)) {
      if (part.toString().startsWith(".") || part.toString().startsWith("_")) {
        return true;
      }
    }
    return false;
  }

  /** The folder above the first part with a wildcard. */
  private static Path fixedPart(String glob) {
    var wild = GLOB.matcher(glob);
    var first = wild.find() ? wild.start() : glob.length();
    var slash = glob.lastIndexOf('/', first);
    return slash < 0 ? Path.of("") : slash == 0 ? Path.of("/") : Path.of(glob.substring(0, slash));
  }

  private static TidemarkException missing(Path path) {
    return new TidemarkException(
        ErrorCode.SOURCE_TABLE_MISSING,
        "there is no file or folder %s, seen from %s"
            .formatted(path, Path.of("").toAbsolutePath()));
  }

  private static TidemarkException unreadable(String path, Exception cause) {
    return new TidemarkException(
        ErrorCode.SOURCE_FAILED, path + " cannot be listed: " + cause, cause);
  }
}
