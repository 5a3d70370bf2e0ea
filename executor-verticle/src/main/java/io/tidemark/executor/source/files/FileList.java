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
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  private static final Logger LOG = LoggerFactory.getLogger(FileList.class);

  /** Names in a line of the log. */
  private static final int SHOWN = 5;

  private FileList() {}

  /**
   * The files, by path.
   *
   * @param path a file, a folder, whose subfolders count too, or a glob; relative to the working
   *     directory of the process. Files and folders whose names begin with a dot or an underscore
   *     are left out of folders and globs
   * @param format where it is known, a folder's other files are left out; those that are, the log
   *     names
   * @throws TidemarkException SOURCE_TABLE_MISSING where a single file, or a folder, does not
   *     exist; SOURCE_FAILED where a link leads nowhere, or what is wanted is no file: what cannot
   *     be seen must not look as if it were not there
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
      return under(root, matcher::matches, link -> mayLeadTo(path, link));
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
      var others = new ArrayList<Path>();
      var found =
          under(
              path,
              file -> {
                var its = formatOf(file.toString());
                var wanted = its.isPresent() && (format.isEmpty() || its.equals(format));
                if (!wanted) {
                  others.add(file);
                }
                return wanted;
              },
              link -> true);
      if (!others.isEmpty()) {
        LOG.atWarn()
            .addKeyValue("source", path)
            .addKeyValue("files", others.size())
            .addKeyValue("such", others.stream().sorted().limit(SHOWN).toList())
            .log("left out: their names do not end as files of this source do");
      }
      return found;
    }
    if (!Files.exists(path)) {
      throw missing(path);
    }
    return List.of(SourceFile.of(path));
  }

  /**
   * @param broken whether a link that leads nowhere may stand for files that are wanted
   */
  private static List<SourceFile> under(Path root, Predicate<Path> wanted, Predicate<Path> broken)
      throws IOException {
    try (var found =
        Files.find(
            root,
            Integer.MAX_VALUE,
            (path, attributes) ->
                !attributes.isDirectory()
                    && !hidden(root, path)
                    // Links are followed: only one that leads nowhere is seen as a link.
                    && (attributes.isSymbolicLink() ? broken.test(path) : wanted.test(path)),
            FileVisitOption.FOLLOW_LINKS)) {
      var sorted = found.sorted().toList();
      return sorted.stream().map(FileList::file).collect(Collectors.toUnmodifiableList());
    }
  }

  private static SourceFile file(Path path) {
    try {
      if (!Files.exists(path) && Files.isSymbolicLink(path)) {
        throw new TidemarkException(
            ErrorCode.SOURCE_FAILED, path + " is a link to what is not there");
      }
      if (Files.exists(path) && !Files.isRegularFile(path)) {
        throw new TidemarkException(ErrorCode.SOURCE_FAILED, path + " is neither file nor folder");
      }
      return SourceFile.of(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether a glob matches this path, or may match what would lie below it. */
  private static boolean mayLeadTo(String glob, Path link) {
    var files = FileSystems.getDefault();
    if (files.getPathMatcher("glob:" + glob).matches(link)
        || glob.contains("**")
        || glob.contains("{")) {
      return true;
    }
    var parts = glob.split("(?<=[^/])/", -1);
    for (var count = 1; count < parts.length; count++) {
      var above = String.join("/", List.of(parts).subList(0, count));
      if (files.getPathMatcher("glob:" + above).matches(link)) {
        return true;
      }
    }
    return false;
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
