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
   * A table, view or query of another Postgres. Of {@code table} and {@code query} one is set.
   *
   * @param url {@code postgresql://[user[:password]@]host[:port]/database[?option=value]}
   * @param table name, schema-qualified, as SQL would write it: quoted where it needs quotes
   * @param query a SELECT, whose rows are staged
   * @param columns the columns to read, in order; empty: all of them
   * @param where a SQL condition on the source's rows
   */
  record PostgresSource(
      String url,
      Optional<String> user,
      Optional<String> password,
      Optional<String> table,
      Optional<String> query,
      List<String> columns,
      Optional<String> where)
      implements SourceDefinition {
    public PostgresSource {
      columns = List.copyOf(columns);
    }

    /** Without url, user and password. */
    @Override
    public String toString() {
      return "PostgresSource[" + table.orElse("query") + "]";
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

  /**
   * A table or query of any database that has a JDBC driver. Of {@code table} and {@code query} one
   * is set.
   *
   * @param url as the driver reads it: {@code jdbc:…}
   * @param table its name, with schema or catalog where the database has them
   * @param query a SELECT in the database's own SQL
   * @param columns the columns to read, in order; empty: all of them
   * @param where a condition on the source's rows, in the database's own SQL
   * @param splitColumn whose ranges the splits are; empty: the first of the primary key
   * @param splits how many, each read in a transaction of its own
   * @param fetchSize rows that the driver holds at a time; empty: by the width of a row
   * @param driver class, where the driver does not announce itself
   * @param nullZeroDates whether a date that MariaDB writes with zeros is null
   */
  record JdbcSource(
      String url,
      Optional<String> user,
      Optional<String> password,
      Optional<String> table,
      Optional<String> query,
      List<String> columns,
      Optional<String> where,
      Optional<String> splitColumn,
      int splits,
      Optional<Integer> fetchSize,
      Optional<String> driver,
      boolean nullZeroDates)
      implements StagedSource {
    public static final int MAX_SPLITS = 10_000;
    public static final int MAX_FETCH_SIZE = 1_000_000;

    public JdbcSource {
      columns = List.copyOf(columns);
    }

    @Override
    public JdbcSource resolved(BinaryOperator<String> resolve) {
      return new JdbcSource(
          resolve.apply("url", url),
          user.map(it -> resolve.apply("user", it)),
          password.map(it -> resolve.apply("password", it)),
          table.map(it -> resolve.apply("table", it)),
          query.map(it -> resolve.apply("query", it)),
          columns.stream().map(it -> resolve.apply("columns", it)).toList(),
          where.map(it -> resolve.apply("where", it)),
          splitColumn.map(it -> resolve.apply("split-column", it)),
          splits,
          fetchSize,
          driver.map(it -> resolve.apply("driver", it)),
          nullZeroDates);
    }

    /** Without url, user and password. */
    @Override
    public String toString() {
      return "JdbcSource[" + table.orElse("query") + "]";
    }
  }

  /**
   * A table of Apache Iceberg.
   *
   * @param table {@code namespace.name}, as many namespaces as there are
   * @param snapshot the id of one; empty: the newest when a refresh begins
   * @param columns the columns to read, in order; empty: all of them
   */
  record IcebergSource(
      IcebergCatalog catalog, String table, Optional<Long> snapshot, List<String> columns)
      implements StagedSource {
    public IcebergSource {
      columns = List.copyOf(columns);
    }

    @Override
    public IcebergSource resolved(BinaryOperator<String> resolve) {
      return new IcebergSource(
          new IcebergCatalog(
              catalog.type(),
              resolve.apply("catalog.warehouse", catalog.warehouse()),
              catalog.uri().map(it -> resolve.apply("catalog.uri", it)),
              catalog.user().map(it -> resolve.apply("catalog.user", it)),
              catalog.password().map(it -> resolve.apply("catalog.password", it)),
              resolve.apply("catalog.name", catalog.name())),
          resolve.apply("table", table),
          snapshot,
          columns.stream().map(it -> resolve.apply("columns", it)).toList());
    }

    /** Without uri, user and password. */
    @Override
    public String toString() {
      return "IcebergSource[" + table + "]";
    }
  }

  /**
   * Where Iceberg keeps its tables.
   *
   * @param warehouse the folder of data and metadata, a path or URI
   * @param uri of a JDBC catalog: the database that holds it, as its driver reads it
   * @param name of a JDBC catalog: what its rows call it
   */
  record IcebergCatalog(
      IcebergCatalogType type,
      String warehouse,
      Optional<String> uri,
      Optional<String> user,
      Optional<String> password,
      String name) {
    /** Without uri, user and password. */
    @Override
    public String toString() {
      return "IcebergCatalog[" + type + "]";
    }
  }

  /** Who knows the newest metadata of an Iceberg table. */
  enum IcebergCatalogType {
    /** The warehouse itself. */
    HADOOP,
    /** A table in a database. */
    JDBC
  }

  /** How a file's rows are written. */
  enum FileFormat {
    CSV,
    NDJSON,
    PARQUET
  }
}
