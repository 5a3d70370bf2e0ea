package io.tidemark.executor.source.files;

import io.tidemark.common.config.SourceDefinition.FileFormat;
import io.tidemark.common.config.SourceDefinition.FilesSource;
import io.tidemark.executor.source.Connector.WantedColumn;
import io.tidemark.executor.source.SourceColumn;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;

/** What DuckDB is asked for files of one format. */
interface FileSql {
  /** All rows of a file in its own order. */
  long TO_END = 0;

  static FileSql of(FileFormat format, FilesSource source) {
    return switch (format) {
      case CSV -> new CsvSql(source);
      case NDJSON -> new NdjsonSql(source);
      case PARQUET -> new ParquetSql(source);
    };
  }

  /** The columns that the files have in common, at least one file. */
  List<SourceColumn> columns(Statement duck, List<SourceFile> files) throws SQLException;

  /**
   * Makes sure that a file has these columns, before rows are read.
   *
   * @throws io.tidemark.common.error.TidemarkException SCHEMA_CHANGED, naming the file
   */
  void requireColumns(Statement duck, SourceFile file, List<SourceColumn> columns)
      throws SQLException;

  /**
   * A FROM item: the file's rows, in its order.
   *
   * @param columns the version's
   */
  String from(SourceFile file, List<SourceColumn> columns);

  /**
   * SQL for a column's value as a text that its type in the home reads, not yet escaped.
   *
   * @param columns the version's
   */
  String value(WantedColumn wanted, List<SourceColumn> columns);

  /** Where a row stands, counted from 0: {@code data/a.csv, line 17}. */
  String place(SourceFile file, long row);

  /** Pieces to read apart from each other; by default each file is one. */
  default List<FileSplit> split(Statement duck, List<SourceFile> files) throws SQLException {
    return files.stream().map(file -> new FileSplit(List.of(file), 0, TO_END)).toList();
  }

  /** A condition for rows from one to before another, empty for all. */
  default String range(long from, long to) {
    return "";
  }

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
