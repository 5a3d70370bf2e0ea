package io.tidemark.common.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;

/** Where a table's rows come from. One record a connector. */
public sealed interface SourceDefinition {
  /**
   * A table of another Postgres.
   *
   * @param url {@code postgresql://[user[:password]@]host[:port]/database[?option=value]}
   * @param table name, schema-qualified, as SQL would write it: quoted where it needs quotes
   * @param columns the columns to read, in order; empty: all of them
   * @param where a SQL condition on the source's rows
   */
  record PostgresSource(
      String url,
      Optional<String> user,
      Optional<String> password,
      String table,
      List<String> columns,
      Optional<String> where)
      implements SourceDefinition {
    public PostgresSource {
      columns = List.copyOf(columns);
    }

    /** Without url, user and password. */
    @Override
    public String toString() {
      return "PostgresSource[" + table + "]";
    }
  }

  /** A source that is read in splits and staged in the home before it is compared. */
  sealed interface StagedSource extends SourceDefinition {
    /**
     * The same with all placeholders resolved.
     *
     * @param resolve takes the field's name within {@code source} and its text
     */
    StagedSource resolved(BinaryOperator<String> resolve);
  }

  /**
   * Files that a node can read: one, those that a glob finds, or all of a folder.
   *
   * @param path of a file or folder, or a glob
   * @param format of the files; empty: by their names
   * @param columns SQL types by column name, in the order written, where they are not to be guessed
   * @param csv how CSV files are written
   */
  record FilesSource(
      String path, Optional<FileFormat> format, Map<String, String> columns, CsvDialect csv)
      implements StagedSource {
    public FilesSource {
      columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
    }

    @Override
    public FilesSource resolved(BinaryOperator<String> resolve) {
      return new FilesSource(resolve.apply("path", path), format, columns, csv);
    }
  }

  /** How a file's rows are written. */
  enum FileFormat {
    CSV,
    NDJSON,
    PARQUET
  }
}
