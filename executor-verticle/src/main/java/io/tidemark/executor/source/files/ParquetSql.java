package io.tidemark.executor.source.files;

import io.tidemark.common.config.SourceDefinition.FilesSource;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.source.Connector.WantedColumn;
import io.tidemark.executor.source.SourceColumn;
import io.tidemark.executor.source.files.TypedColumns.Described;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Parquet: typed columns; lists, structs and maps become JSON. Large files are read in pieces of
 * whole row groups.
 */
final class ParquetSql {
  /** All rows of a file. */
  static final long TO_END = 0;

  /** A piece has at least so many rows. */
  private static final long SPLIT_ROWS = 250_000;

  /** Files up to this size are one piece. */
  private static final long SMALL_BYTES = 4 << 20;

  private static final String ROW = "file_row_number";

  /** What DuckDB calls the number of a row's file among those of its query. */
  static final String FILE = "file_index";

  /** Types whose values are written with digits, letters, signs and blanks only. */
  private static final Pattern PLAIN =
      Pattern.compile(
          "BOOLEAN|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\\(.*\\)"
              + "|DATE|TIME|TIMESTAMP.*|UUID");

  private final FilesSource source;

  /** By column, as the first file has them; for how a value is written. */
  private final HashMap<String, Described> known = new HashMap<>();

  ParquetSql(FilesSource source) {
    this.source = source;
  }

  /**
   * The columns that all files have: only footers are read.
   *
   * @throws TidemarkException SCHEMA_CHANGED, naming a file that has others than the first
   */
  List<SourceColumn> columns(Statement duck, List<SourceFile> files) throws SQLException {
    var columns = TypedColumns.columns(describe(duck, files.getFirst()), source.columns());
    var others = otherwiseWritten(duck, files);
    for (var file : files) {
      if (others.contains(file.path())) {
        requireColumns(duck, file, columns);
      }
    }
    return columns;
  }

  /**
   * Files from the first on that can be read by one query: their columns are written alike.
   *
   * @param files one at least; the columns of the first are known
   */
  List<SourceFile> alike(Statement duck, List<SourceFile> files) throws SQLException {
    if (known.keySet().stream().anyMatch(FILE::equalsIgnoreCase)) {
      // The column would take the place of the file's number.
      return files.subList(0, 1);
    }
    var others = otherwiseWritten(duck, files);
    return files.stream().takeWhile(file -> !others.contains(file.path())).toList();
  }

  /** Files whose footers are not word for word that of the first; their columns may be the same. */
  private static Set<String> otherwiseWritten(Statement duck, List<SourceFile> files)
      throws SQLException {
    if (files.size() == 1) {
      return Set.of();
    }
    try (var rows =
        duck.executeQuery(
            """
            WITH footers AS (
              SELECT file_name,
                     list(concat_ws('|', name, type, type_length, repetition_type, num_children,
                                    converted_type, scale, precision, logical_type)
                          ORDER BY column_id) AS columns
                FROM parquet_schema(%s)
               GROUP BY file_name)
            SELECT file_name
              FROM footers
             WHERE columns IS DISTINCT FROM
                   (SELECT columns FROM footers WHERE file_name = %s)
            """
                .formatted(DuckSql.paths(files), DuckSql.literal(files.getFirst().path())))) {
      var paths = new HashSet<String>();
      while (rows.next()) {
        paths.add(rows.getString(1));
      }
      return paths;
    }
  }

  /**
   * Makes sure that a file has these columns, before rows are read.
   *
   * @throws TidemarkException SCHEMA_CHANGED, naming the file
   */
  void requireColumns(Statement duck, SourceFile file, List<SourceColumn> columns)
      throws SQLException {
    var described = describe(duck, file);
    var found = TypedColumns.columns(described, source.columns());
    if (!found.equals(columns)) {
      throw new TidemarkException(
          ErrorCode.SCHEMA_CHANGED,
          "%s has the columns %s, but others have %s"
              .formatted(file.path(), words(found), words(columns)));
    }
    described.forEach(column -> known.put(column.name(), column));
  }

  /** A condition for rows from one to before another, empty for all. */
  String range(long from, long to) {
    return to == TO_END ? "" : " WHERE %1$s >= %2$d AND %1$s < %3$d".formatted(ROW, from, to);
  }

  /** SQL for a column's value as a text that its type in the home reads, not yet escaped. */
  String value(WantedColumn wanted) {
    var column = known(wanted);
    var name = DuckSql.quoted(wanted.name());
    if (column.nested()) {
      return "CAST(to_json(" + name + ") AS VARCHAR)";
    }
    return switch (column.type()) {
      case "BLOB" -> "'\\x' || lower(hex(" + name + "))";
      case "DATE",
          "TIMESTAMP",
          "TIMESTAMP_S",
          "TIMESTAMP_MS",
          "TIMESTAMP_NS",
          "TIMESTAMP WITH TIME ZONE" ->
          "replace(CAST(" + name + " AS VARCHAR), ' (BC)', ' BC')";
      default -> "CAST(" + name + " AS VARCHAR)";
    };
  }

  /** Whether {@link #value} may hold what COPY's text format has a meaning for. */
  boolean mayNeedEscapes(WantedColumn wanted) {
    var column = known(wanted);
    return column.nested() || !PLAIN.matcher(column.type()).matches();
  }

  private Described known(WantedColumn wanted) {
    var column = known.get(wanted.name());
    if (column == null) {
      throw new IllegalStateException("not looked at: " + wanted.name());
    }
    return column;
  }

  /** Where a row stands, counted from 0. */
  String place(SourceFile file, long row) {
    return file.path() + ", row " + (row + 1);
  }

  /** Pieces to read apart from each other. */
  List<FileSplit> split(Statement duck, List<SourceFile> files) throws SQLException {
    var splits = new ArrayList<FileSplit>();
    for (var file : files) {
      if (file.size() <= SMALL_BYTES) {
        splits.add(new FileSplit(List.of(file), 0, TO_END, 0));
      } else {
        splits.addAll(pieces(duck, file));
      }
    }
    return splits;
  }

  private static List<FileSplit> pieces(Statement duck, SourceFile file) throws SQLException {
    try (var groups =
        duck.executeQuery(
            "SELECT row_group_id, any_value(row_group_num_rows) FROM parquet_metadata("
                + DuckSql.paths(List.of(file))
                + ") GROUP BY 1 ORDER BY 1")) {
      var splits = new ArrayList<FileSplit>();
      var from = 0L;
      var to = 0L;
      while (groups.next()) {
        to += groups.getLong(2);
        if (to - from >= SPLIT_ROWS) {
          splits.add(new FileSplit(List.of(file), from, to, 0));
          from = to;
        }
      }
      if (to > from || splits.isEmpty()) {
        splits.add(new FileSplit(List.of(file), from, splits.isEmpty() ? TO_END : to, 0));
      }
      return splits;
    }
  }

  /** A FROM item: the files' rows, in their order. */
  String from(List<SourceFile> files) {
    return "read_parquet(%s, file_row_number=true, hive_partitioning=false)"
        .formatted(DuckSql.paths(files));
  }

  private List<Described> describe(Statement duck, SourceFile file) throws SQLException {
    return TypedColumns.describe(duck, file.path(), from(List.of(file))).stream()
        .filter(column -> !column.name().equals(ROW))
        .toList();
  }

  private static String words(List<SourceColumn> columns) {
    return String.join(
        ", ", columns.stream().map(column -> column.name() + " " + column.type()).toList());
  }
}
