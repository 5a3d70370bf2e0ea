package io.tidemark.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.DriverManager;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;

/** A folder of a few files, each of which is replaced at once. */
final class FileSource implements ChangingSource {
  private static final int FILES = 4;

  private final Path folder;
  private final Writer writer;

  FileSource(Path parent, Writer writer) throws IOException {
    this.folder = Files.createDirectory(parent.resolve("files"));
    this.writer = writer;
  }

  /** Writes rows that are given as the lines of a CSV file with a header. */
  enum Writer {
    CSV("csv") {
      @Override
      void write(Path file, List<Map.Entry<Integer, String>> rows) throws IOException {
        Files.writeString(
            file,
            rows.stream()
                .map(row -> row.getKey() + "," + row.getValue())
                .collect(Collectors.joining("\n", "id,v\n", "\n")));
      }
    },
    NDJSON("ndjson") {
      @Override
      void write(Path file, List<Map.Entry<Integer, String>> rows) throws IOException {
        Files.write(
            file,
            rows.stream()
                .map(row -> "{\"id\": %d, \"v\": \"%s\"}".formatted(row.getKey(), row.getValue()))
                .toList());
      }
    },
    PARQUET("parquet") {
      @Override
      void write(Path file, List<Map.Entry<Integer, String>> rows) throws Exception {
        var lines = file.resolveSibling("." + file.getFileName() + ".csv");
        CSV.write(lines, rows);
        try (var duck = DriverManager.getConnection("jdbc:duckdb:");
            var statement = duck.createStatement()) {
          statement.execute(
              "COPY (SELECT id::int AS id, v FROM read_csv('%s', header = true, all_varchar = true)) TO '%s' (FORMAT parquet)"
                  .formatted(lines, file));
        }
        Files.delete(lines);
      }
    };

    private final String ending;

    Writer(String ending) {
      this.ending = ending;
    }

    abstract void write(Path file, List<Map.Entry<Integer, String>> rows) throws Exception;
  }

  @Override
  public String definition() {
    return "{type: files, path: \"%s\"}".formatted(folder);
  }

  @Override
  public void replace(SortedMap<Integer, String> rows) throws Exception {
    var all = List.copyOf(rows.entrySet());
    for (var file = 0; file < FILES; file++) {
      var from = all.size() * file / FILES;
      var to = all.size() * (file + 1) / FILES;
      var hidden = folder.resolve("." + file);
      writer.write(hidden, all.subList(from, to));
      Files.move(
          hidden, folder.resolve(file + "." + writer.ending), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Override
  public void close() {}
}
