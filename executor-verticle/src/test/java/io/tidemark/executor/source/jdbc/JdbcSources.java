package io.tidemark.executor.source.jdbc;

import io.tidemark.common.config.SourceDefinition.JdbcSource;
import io.tidemark.common.refresh.Consistency;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Definitions of sources, all defaults but what a test is about. */
record JdbcSources(JdbcSource source) {
  static JdbcSources table(String url, String table) {
    return new JdbcSources(
        new JdbcSource(
            url,
            Optional.empty(),
            Optional.empty(),
            Optional.of(table),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            1,
            Optional.empty(),
            Optional.empty(),
            false));
  }

  JdbcSources user(String user, String password) {
    return new JdbcSources(
        new JdbcSource(
            source.url(),
            Optional.of(user),
            Optional.of(password),
            source.table(),
            source.query(),
            source.columns(),
            source.where(),
            source.splitColumn(),
            source.splits(),
            source.fetchSize(),
            source.driver(),
            source.nullZeroDates()));
  }

  JdbcSources query(String query) {
    return new JdbcSources(
        new JdbcSource(
            source.url(),
            source.user(),
            source.password(),
            Optional.empty(),
            Optional.of(query),
            source.columns(),
            source.where(),
            source.splitColumn(),
            source.splits(),
            source.fetchSize(),
            source.driver(),
            source.nullZeroDates()));
  }

  JdbcSources reading(List<String> columns, String where) {
    return new JdbcSources(
        new JdbcSource(
            source.url(),
            source.user(),
            source.password(),
            source.table(),
            source.query(),
            columns,
            Optional.of(where),
            source.splitColumn(),
            source.splits(),
            source.fetchSize(),
            source.driver(),
            source.nullZeroDates()));
  }

  JdbcSources splits(int splits, Optional<String> column) {
    return new JdbcSources(
        new JdbcSource(
            source.url(),
            source.user(),
            source.password(),
            source.table(),
            source.query(),
            source.columns(),
            source.where(),
            column,
            splits,
            source.fetchSize(),
            source.driver(),
            source.nullZeroDates()));
  }

  JdbcSources nullZeroDates() {
    return new JdbcSources(
        new JdbcSource(
            source.url(),
            source.user(),
            source.password(),
            source.table(),
            source.query(),
            source.columns(),
            source.where(),
            source.splitColumn(),
            source.splits(),
            source.fetchSize(),
            source.driver(),
            true));
  }

  JdbcConnector connector() {
    return new JdbcConnector(source, Consistency.RESUME, new Drivers(Path.of("no-such-folder")));
  }

  JdbcConnector strict() {
    return new JdbcConnector(source, Consistency.STRICT, new Drivers(Path.of("no-such-folder")));
  }
}
