package io.tidemark.executor.source.files;

import io.tidemark.common.config.SourceDefinition.FilesSource;
import io.tidemark.executor.source.SourceColumn;
import io.tidemark.executor.source.files.TypedColumns.Described;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The columns of NDJSON files: all keys that occur in any object of any file, so that the files are
 * read once before, to find them.
 */
final class NdjsonColumns {
  private static final int MAX_OBJECT_BYTES = 16 << 20;

  private NdjsonColumns() {}

  /**
   * @param quarantines lines that are broken are passed over
   */
  static List<SourceColumn> of(
      FilesSource source, Statement duck, List<SourceFile> files, boolean quarantines)
      throws SQLException {
    var from =
        """
        read_json(%s, format='newline_delimited', records=true, union_by_name=true, \
        sample_size=-1, maximum_sample_files=%d, maximum_depth=2, map_inference_threshold=-1, \
        field_appearance_threshold=0, hive_partitioning=false, maximum_object_size=%d, ignore_errors=%b)"""
            .formatted(DuckSql.paths(files), files.size(), MAX_OBJECT_BYTES, quarantines);
    var described =
        TypedColumns.describe(duck, source.path(), from).stream()
            .map(column -> new Described(column.name(), exact(column.type())))
            .toList();
    return TypedColumns.columns(described, source.columns(), true);
  }

  /** A number in JSON has any number of digits; what is always null may become anything. */
  private static String exact(String type) {
    return switch (type) {
      case "DOUBLE" -> "BIGNUM";
      case "\"NULL\"" -> "JSON";
      default -> type;
    };
  }
}
