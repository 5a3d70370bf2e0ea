package io.tidemark.executor.source.files;

import io.tidemark.common.config.CsvDialect;
import io.tidemark.common.config.SourceDefinition.FilesSource;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.source.Connector.WantedColumn;
import io.tidemark.executor.source.SourceColumn;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * CSV: each value is the text that stands there, and the target's type reads it. Columns have
 * numbers here, since DuckDB does not tell names apart by case.
 */
final class CsvSql implements FileSql {
  /** A longer record is refused. Memory for some of this length is taken. */
  private static final int MAX_RECORD_BYTES = 16 << 20;

  /** Less is taken where no record can be longer. */
  private static final int USUAL_RECORD_BYTES = 2 << 20;

  /** DuckDB wants a buffer to hold several. */
  private static final int RECORDS_IN_BUFFER = 2;

  private static final int FILES_SAMPLED = 10;

  private final FilesSource source;
  private final CsvDialect dialect;

  CsvSql(FilesSource source) {
    this.source = source;
    this.dialect = source.csv();
  }

  @Override
  public List<SourceColumn> columns(Statement duck, List<SourceFile> files) throws SQLException {
    var names = names(files.getFirst());
    var sample = files.subList(0, Math.min(FILES_SAMPLED, files.size()));
    for (var file : sample) {
      requireNames(file, names);
    }
    return new CsvTypes(source.columns()).of(duck, names, from(sample, names.size()));
  }

  @Override
  public void requireColumns(Statement duck, SourceFile file, List<SourceColumn> columns) {
    requireNames(file, columns.stream().map(SourceColumn::name).toList());
  }

  @Override
  public String from(SourceFile file, List<SourceColumn> columns) {
    return from(List.of(file), columns.size());
  }

  @Override
  public String value(WantedColumn wanted, List<SourceColumn> columns) {
    return column(
        IntStream.range(0, columns.size())
            .filter(i -> columns.get(i).name().equals(wanted.name()))
            .findFirst()
            .orElseThrow());
  }

  @Override
  public String place(SourceFile file, long row) {
    return file.path() + ", line " + records(file).line(row + (dialect.header() ? 1 : 0));
  }

  static String column(int index) {
    return "c" + index;
  }

  private String from(List<SourceFile> files, int columns) {
    var longest = files.stream().mapToLong(SourceFile::size).max().orElse(0);
    var compressed = files.stream().anyMatch(file -> file.path().endsWith(".gz"));
    var record = compressed || longest > USUAL_RECORD_BYTES ? MAX_RECORD_BYTES : USUAL_RECORD_BYTES;
    return """
    read_csv(%s, auto_detect=false, header=%b, delim=%s, quote=%s, escape=%s, nullstr=%s, \
    allow_quoted_nulls=false, encoding=%s, strict_mode=true, null_padding=false, \
    hive_partitioning=false, max_line_size=%d, buffer_size=%d, columns={%s})"""
        .formatted(
            FileSql.paths(files),
            dialect.header(),
            FileSql.literal(String.valueOf(delimiter(files.getFirst()))),
            FileSql.literal(String.valueOf(dialect.quote())),
            FileSql.literal(String.valueOf(dialect.escape())),
            FileSql.literal(dialect.nullText()),
            FileSql.literal(encoding()),
            record,
            RECORDS_IN_BUFFER * record,
            IntStream.range(0, columns)
                .mapToObj(i -> "'" + column(i) + "': 'VARCHAR'")
                .collect(Collectors.joining(", ")));
  }

  private String encoding() {
    return switch (dialect.encoding()) {
      case UTF_8 -> "utf-8";
      case UTF_16 -> "utf-16";
      case LATIN_1 -> "latin-1";
    };
  }

  private char delimiter(SourceFile file) {
    var name = file.path().toLowerCase(Locale.ROOT);
    return dialect
        .delimiter()
        .orElse(name.endsWith(".tsv") || name.endsWith(".tsv.gz") ? '\t' : ',');
  }

  private CsvRecords records(SourceFile file) {
    return new CsvRecords(file.path(), delimiter(file), dialect);
  }

  private List<String> names(SourceFile file) {
    if (!dialect.header()) {
      return new ArrayList<>(source.columns().keySet());
    }
    var names = records(file).first();
    var seen = new HashSet<String>();
    for (var name : names) {
      if (name.isEmpty()) {
        throw new TidemarkException(
            ErrorCode.COLUMN_MISSING, file.path() + ", line 1: a column has no name");
      }
      if (!seen.add(name)) {
        throw new TidemarkException(
            ErrorCode.COLUMN_MISSING,
            "%s, line 1: two columns are called \"%s\"".formatted(file.path(), name));
      }
    }
    if (names.isEmpty()) {
      throw new TidemarkException(
          ErrorCode.COLUMN_MISSING,
          file.path() + " is empty: not even a line with the names of its columns");
    }
    return names;
  }

  private void requireNames(SourceFile file, List<String> names) {
    if (!dialect.header()) {
      return; // how many values a line has, DuckDB counts
    }
    var found = names(file);
    if (!found.equals(names)) {
      throw new TidemarkException(
          ErrorCode.SCHEMA_CHANGED,
          "%s, line 1 has the columns %s, but others have %s"
              .formatted(file.path(), String.join(", ", found), String.join(", ", names)));
    }
  }
}
