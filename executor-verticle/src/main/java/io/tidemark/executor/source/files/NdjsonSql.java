package io.tidemark.executor.source.files;

import io.tidemark.common.config.SourceDefinition.FilesSource;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.source.Connector.WantedColumn;
import io.tidemark.executor.source.SourceColumn;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/**
 * NDJSON: an object a line. The columns are all keys that occur in any object of any file, so that
 * the files are read once before, to find them. Texts and whole numbers travel as they are written,
 * other numbers as the double that is nearest.
 */
final class NdjsonSql implements FileSql {
  private static final int MAX_OBJECT_BYTES = 16 << 20;

  private final FilesSource source;

  NdjsonSql(FilesSource source) {
    this.source = source;
  }

  @Override
  public List<SourceColumn> columns(Statement duck, List<SourceFile> files) throws SQLException {
    var from =
        """
        read_json(%s, format='newline_delimited', records=true, union_by_name=true, \
        sample_size=-1, maximum_sample_files=%d, maximum_depth=2, map_inference_threshold=-1, \
        field_appearance_threshold=0, hive_partitioning=false, maximum_object_size=%d)"""
            .formatted(FileSql.paths(files), files.size(), MAX_OBJECT_BYTES);
    var described =
        TypedColumns.describe(duck, source.path(), from).stream()
            .map(column -> column.type().equals("\"NULL\"") ? onlyNull(column.name()) : column)
            .toList();
    return TypedColumns.columns(described, source.columns(), true);
  }

  /** All files were looked at; a key that is missing is null. */
  @Override
  public void requireColumns(Statement duck, SourceFile file, List<SourceColumn> columns) {}

  @Override
  public String from(SourceFile file, List<SourceColumn> columns) {
    return """
    read_json(%s, format='newline_delimited', records=true, auto_detect=false, \
    hive_partitioning=false, maximum_object_size=%d, columns={%s})"""
        .formatted(
            FileSql.paths(List.of(file)),
            MAX_OBJECT_BYTES,
            columns.stream()
                .map(column -> FileSql.quoted(column.name()) + ": 'JSON'")
                .collect(Collectors.joining(", ")));
  }

  @Override
  public String value(WantedColumn wanted, List<SourceColumn> columns) {
    var name = FileSql.quoted(wanted.name());
    var text = json(wanted) ? "CAST(%1$s AS VARCHAR)" : "%1$s->>'$'";
    return ("CASE WHEN json_type(%1$s) = 'NULL' THEN NULL"
            + " WHEN json_type(%1$s) = 'VARCHAR' THEN "
            + text
            + " ELSE CAST(%1$s AS VARCHAR) END")
        .formatted(name);
  }

  private static TypedColumns.Described onlyNull(String name) {
    return new TypedColumns.Described(name, "JSON");
  }

  private static boolean json(WantedColumn wanted) {
    return wanted.type().equals("json") || wanted.type().equals("jsonb");
  }

  /** Blank lines hold no row. */
  @Override
  public String place(SourceFile file, long row) {
    try (var bytes = Files.newInputStream(Path.of(file.path()));
        var plain = file.path().endsWith(".gz") ? new GZIPInputStream(bytes) : bytes;
        var lines = new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8))) {
      var number = 0L;
      var left = row;
      for (String line; (line = lines.readLine()) != null; ) {
        number++;
        if (!line.isBlank() && left-- == 0) {
          break;
        }
      }
      return file.path() + ", line " + number;
    } catch (IOException e) {
      throw new TidemarkException(
          ErrorCode.SOURCE_FAILED, file.path() + " cannot be read: " + e, e);
    }
  }
}
