package io.tidemark.executor.source.files;

import io.tidemark.common.config.CsvDialect;
import io.tidemark.common.config.SourceDefinition.FileFormat;
import io.tidemark.common.config.SourceDefinition.FilesSource;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.zip.GZIPOutputStream;
import org.duckdb.DuckDBDriver;

/** Files to be read, in a folder of their own. */
record Folder(Path path) {
  Path write(String name, String content) throws IOException {
    return write(name, content, StandardCharsets.UTF_8);
  }

  Path write(String name, String content, Charset charset) throws IOException {
    var file = path.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content, charset);
  }

  void gzip(String name, String content) throws IOException {
    try (var out = new GZIPOutputStream(Files.newOutputStream(path.resolve(name)))) {
      out.write(content.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** What a query of DuckDB's gives, as a Parquet file. */
  void parquet(String name, String query) throws SQLException {
    parquets(1, number -> name, number -> query);
  }

  /** Likewise, many: f000.parquet, f001.parquet and so on. */
  void parquets(int files, IntFunction<String> query) throws SQLException {
    parquets(files, "f%03d.parquet"::formatted, query);
  }

  private void parquets(int files, IntFunction<String> name, IntFunction<String> query)
      throws SQLException {
    try (var duck = new DuckDBDriver().connect("jdbc:duckdb:", new java.util.Properties());
        var statement = duck.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
      for (var file = 0; file < files; file++) {
        statement.execute(
            "COPY (%s) TO '%s' (FORMAT parquet, ROW_GROUP_SIZE 100000)"
                .formatted(query.apply(file), path.resolve(name.apply(file))));
      }
    }
  }

  FilesConnector connector() throws SQLException {
    return connector(Map.of(), CsvDialect.DEFAULT);
  }

  FilesConnector connector(Map<String, String> columns, CsvDialect csv) throws SQLException {
    return new FilesConnector(new FilesSource(path.toString(), Optional.empty(), columns, csv));
  }

  /** Which hands broken records on. */
  FilesConnector quarantining(String under) throws SQLException {
    return new FilesConnector(
        new FilesSource(
            path.resolve(under).toString(), Optional.empty(), Map.of(), CsvDialect.DEFAULT),
        true);
  }

  FilesConnector connector(String under) throws SQLException {
    return new FilesConnector(
        new FilesSource(
            path.resolve(under).toString(), Optional.empty(), Map.of(), CsvDialect.DEFAULT));
  }

  FilesConnector connector(String under, FileFormat format) throws SQLException {
    return new FilesConnector(
        new FilesSource(
            path.resolve(under).toString(), Optional.of(format), Map.of(), CsvDialect.DEFAULT));
  }
}
