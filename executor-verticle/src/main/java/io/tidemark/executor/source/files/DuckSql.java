package io.tidemark.executor.source.files;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Names and texts as DuckDB's SQL writes them. */
final class DuckSql {
  private static final Pattern GLOB = Pattern.compile("[\\[*?]");

  private DuckSql() {}

  static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  static String quoted(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }

  /** A list of files to read. */
  static String paths(List<SourceFile> files) {
    return files.stream()
        .map(file -> literal(plain(file.path())))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  /** DuckDB takes any path for a glob, also one in a list: {@code x[1]} would be the file x1. */
  private static String plain(String path) {
    return GLOB.matcher(path).replaceAll("[$0]");
  }
}
