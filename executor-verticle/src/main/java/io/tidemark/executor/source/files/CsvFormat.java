package io.tidemark.executor.source.files;

import io.tidemark.common.config.CsvDialect;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** CSV files that all have the same columns. */
final class CsvFormat implements TextFormat {
  private final CsvDialect dialect;
  private final List<String> names;
  private final String first;

  /**
   * @param names of the columns, in the order in which the files have them
   * @param first the file that they are known from, for messages
   */
  CsvFormat(CsvDialect dialect, List<String> names, String first) {
    this.dialect = dialect;
    this.names = List.copyOf(names);
    this.first = first;
  }

  @Override
  public Charset charset() {
    return charset(dialect);
  }

  @Override
  public CsvRows rows(SourceFile file, Window window, long line, boolean head) throws IOException {
    var rows =
        new CsvRows(file.path(), window, line, names.size(), delimiter(dialect, file), dialect);
    if (head && dialect.header()) {
      var found = header(file, rows);
      if (!found.equals(names)) {
        throw new TidemarkException(
            ErrorCode.SCHEMA_CHANGED,
            "%s has the columns %s, but %s has %s"
                .formatted(file.path(), String.join(", ", found), first, String.join(", ", names)));
      }
    }
    return rows;
  }

  /** The names in a file's first record. */
  static List<String> header(CsvDialect dialect, SourceFile file) {
    try (var bytes = FileBytes.open(file.path(), charset(dialect), 0, 0)) {
      var window = new Window(bytes, bytes.begins(), 0);
      return header(
          file, new CsvRows(file.path(), window, 1, 1, delimiter(dialect, file), dialect));
    } catch (IOException e) {
      throw TextReader.explained(file.path(), 1, e);
    }
  }

  private static List<String> header(SourceFile file, CsvRows rows) throws IOException {
    if (!rows.next()) {
      throw wrong(file, "is empty: not even a line with the names of its columns");
    }
    var names = IntStream.range(0, rows.count()).mapToObj(rows::text).toList();
    var seen = new HashSet<String>();
    for (var name : names) {
      if (name.isBlank()) {
        throw wrong(file, "has a column without a name in its first line");
      }
      if (name.indexOf('\r') >= 0) {
        throw wrong(file, "has lines that end with CR alone, or a column's name with one");
      }
      if (!seen.add(name)) {
        throw wrong(file, "has two columns that are called \"" + name + "\"");
      }
    }
    return names;
  }

  static char delimiter(CsvDialect dialect, SourceFile file) {
    var name = file.path().toLowerCase(Locale.ROOT);
    return dialect
        .delimiter()
        .orElse(name.endsWith(".tsv") || name.endsWith(".tsv.gz") ? '\t' : ',');
  }

  /** UTF-16 without a byte order mark is taken for little-endian: so Windows writes it. */
  static Charset charset(CsvDialect dialect) {
    return switch (dialect.encoding()) {
      case UTF_8 -> StandardCharsets.UTF_8;
      case UTF_16 -> Charset.forName("x-UTF-16LE-BOM");
      case LATIN_1 -> StandardCharsets.ISO_8859_1;
    };
  }

  private static TidemarkException wrong(SourceFile file, String what) {
    return new TidemarkException(ErrorCode.COLUMN_MISSING, file.path() + " " + what);
  }
}
