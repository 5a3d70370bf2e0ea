package io.tidemark.suite.scenario;

import io.tidemark.suite.Databases;
import java.nio.file.Path;

/** Every connector, in each form in which it reads. */
enum SourceKind {
  CSV {
    @Override
    ScenarioSource open(Path folder, Databases databases, String name) throws Exception {
      return new FileSource(folder, name, FileSource.Format.CSV);
    }
  },
  NDJSON {
    @Override
    ScenarioSource open(Path folder, Databases databases, String name) throws Exception {
      return new FileSource(folder, name, FileSource.Format.NDJSON);
    }
  },
  PARQUET {
    @Override
    ScenarioSource open(Path folder, Databases databases, String name) throws Exception {
      return new FileSource(folder, name, FileSource.Format.PARQUET);
    }
  },
  /** H2, whose driver the nodes have. */
  JDBC {
    @Override
    ScenarioSource open(Path folder, Databases databases, String name) throws Exception {
      return new H2Source(name);
    }
  },
  /** A table, by its blocks. */
  POSTGRES {
    @Override
    ScenarioSource open(Path folder, Databases databases, String name) {
      return new PostgresSource(databases, folder, name, "table: %s", "staged");
    }
  },
  /** A view, which has no blocks. */
  POSTGRES_VIEW {
    @Override
    ScenarioSource open(Path folder, Databases databases, String name) {
      return new PostgresSource(databases, folder, name, "table: %s_seen", "staged");
    }
  },
  POSTGRES_QUERY {
    @Override
    ScenarioSource open(Path folder, Databases databases, String name) {
      return new PostgresSource(databases, folder, name, "query: \"SELECT * FROM %s\"", "staged");
    }
  },
  ICEBERG {
    @Override
    ScenarioSource open(Path folder, Databases databases, String name) {
      return new IcebergSource(folder, name);
    }
  };

  boolean isFiles() {
    return this == CSV || this == NDJSON || this == PARQUET;
  }

  boolean isPostgres() {
    return name().startsWith("POSTGRES");
  }

  /**
   * One that is not there yet.
   *
   * @param folder for what it keeps in files
   */
  abstract ScenarioSource open(Path folder, Databases databases, String name) throws Exception;
}
