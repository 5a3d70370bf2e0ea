package io.tidemark.suite;

import java.nio.file.Path;

/** What a {@link ChangingSource} can be: every connector, in each form in which it reads. */
enum SourceKind {
  CSV {
    @Override
    ChangingSource open(Path folder, Databases databases) throws Exception {
      return new FileSource(folder, FileSource.Writer.CSV);
    }
  },
  NDJSON {
    @Override
    ChangingSource open(Path folder, Databases databases) throws Exception {
      return new FileSource(folder, FileSource.Writer.NDJSON);
    }
  },
  PARQUET {
    @Override
    ChangingSource open(Path folder, Databases databases) throws Exception {
      return new FileSource(folder, FileSource.Writer.PARQUET);
    }
  },
  /** H2, whose driver the nodes have. */
  JDBC {
    @Override
    ChangingSource open(Path folder, Databases databases) throws Exception {
      return new H2Source();
    }
  },
  /** A table, by its blocks. */
  POSTGRES {
    @Override
    ChangingSource open(Path folder, Databases databases) throws Exception {
      return new PostgresSource(databases, "table: public.t");
    }
  },
  /** A view, which has no blocks. */
  POSTGRES_VIEW {
    @Override
    ChangingSource open(Path folder, Databases databases) throws Exception {
      return new PostgresSource(databases, "table: public.seen");
    }
  },
  POSTGRES_QUERY {
    @Override
    ChangingSource open(Path folder, Databases databases) throws Exception {
      return new PostgresSource(
          databases, "query: 'SELECT id, max(v) AS v FROM public.t GROUP BY id'");
    }
  },
  ICEBERG {
    @Override
    ChangingSource open(Path folder, Databases databases) {
      return new IcebergTable(folder);
    }
  };

  /**
   * An empty one.
   *
   * @param folder for what it keeps in files
   */
  abstract ChangingSource open(Path folder, Databases databases) throws Exception;
}
