package io.tidemark.suite;

import java.sql.SQLException;
import java.util.SortedMap;

/** Table {@code public.t} in the source, a view of it, or a query. */
final class PostgresSource implements ChangingSource {
  private final Databases databases;
  private final String relation;

  /**
   * @param relation the field of {@code source} that says what is read
   */
  PostgresSource(Databases databases, String relation) throws SQLException {
    this.databases = databases;
    this.relation = relation;
    Databases.execute(
        databases.source,
        "CREATE TABLE public.t (id int PRIMARY KEY, v text)",
        "CREATE VIEW public.seen AS SELECT id, v FROM public.t");
  }

  @Override
  public String definition() {
    return """
        {type: postgres, url: "%s", %s}
            merge: staged"""
        .formatted(databases.sourceAddress.url(), relation);
  }

  @Override
  public void replace(SortedMap<Integer, String> rows) throws SQLException {
    TableSource.replace(databases.source, "public.t", rows);
  }

  @Override
  public void close() {}
}
