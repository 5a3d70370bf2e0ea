package io.tidemark.common.config;

import java.util.List;
import java.util.Optional;

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
}
