package io.tidemark.executor.source.files;

import java.util.List;
import java.util.stream.Collectors;

/** Names and texts as DuckDB's SQL writes them. */
final class DuckSql {
  private DuckSql() {}

  static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  static String quoted(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }

  static String paths(List<SourceFile> files) {
    return files.stream()
        .map(file -> literal(file.path()))
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
