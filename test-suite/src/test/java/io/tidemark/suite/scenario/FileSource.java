package io.tidemark.suite.scenario;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.common.bus.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A folder of files, each of which is replaced at once. */
final class FileSource implements ScenarioSource {
  private final Path folder;
  private final Path aside;
  private final Format format;
  private @Nullable Version present;

  FileSource(Path parent, String name, Format format) throws IOException {
    this.folder = Files.createDirectory(parent.resolve(name));
    this.aside = parent.resolve("." + name);
    this.format = format;
  }

  enum Format {
    CSV {
      @Override
      void write(List<Path> files, Version version) throws IOException {
        for (var file = 0; file < files.size(); file++) {
          Csv.write(files.get(file), version.shape(), version.files().get(file));
        }
      }
    },
    NDJSON {
      @Override
      void write(List<Path> files, Version version) throws IOException {
        for (var file = 0; file < files.size(); file++) {
          try (var out = Files.newBufferedWriter(files.get(file))) {
            for (var row : version.files().get(file)) {
              out.write(object(version.shape(), row).toString());
              out.write('\n');
            }
          }
        }
      }
    },
    PARQUET {
      @Override
      void write(List<Path> files, Version version) throws IOException, SQLException {
        var columns =
            version.shape().columns().stream()
                .map(it -> "'%s': '%s'".formatted(it.name(), it.type().sql()))
                .collect(Collectors.joining(", ", "{", "}"));
        try (var duck = DriverManager.getConnection("jdbc:duckdb:");
            var statement = duck.createStatement()) {
          for (var file = 0; file < files.size(); file++) {
            write(statement, files.get(file), columns, version, file);
          }
        }
      }

      private void write(Statement duck, Path file, String columns, Version version, int number)
          throws IOException, SQLException {
        var lines = file.resolveSibling(file.getFileName() + ".lines");
        Csv.write(lines, version.shape(), version.files().get(number));
        duck.execute(
            """
            COPY (SELECT * FROM read_csv('%s', header = true, columns = %s, quote = '"', delim = ',',
              allow_quoted_nulls = false, max_line_size = 16000000, parallel = false, auto_detect = false))
              TO '%s' (FORMAT parquet)\
            """
                .formatted(lines, columns, file));
        Files.delete(lines);
      }
    };

    /** Writes one file of a version after the other. */
    abstract void write(List<Path> files, Version version) throws IOException, SQLException;

    private static ObjectNode object(Shape shape, List<@Nullable String> row) {
      var object = Json.MAPPER.createObjectNode();
      for (var column = 0; column < row.size(); column++) {
        var name = shape.columns().get(column).name();
        var value = row.get(column);
        if (value != null && shape.columns().get(column).type() == ValueType.INTEGER) {
          object.put(name, Integer.valueOf(value));
        } else {
          object.put(name, value);
        }
      }
      return object;
    }
  }

  @Override
  public String definition(boolean oneMoment) {
    return "source: {type: files, path: \"%s\"}".formatted(folder);
  }

  /** Files that are the same stay as they are. */
  @Override
  public void replace(Version version) throws IOException, SQLException {
    Files.createDirectories(folder);
    var before = present;
    var numbers = new ArrayList<Integer>();
    for (var file = 0; file < version.files().size(); file++) {
      if (before == null
          || !before.shape().equals(version.shape())
          || file >= before.files().size()
          || !before.files().get(file).equals(version.files().get(file))) {
        numbers.add(file);
      }
    }
    var changed = new Version(version.shape(), numbers.stream().map(version.files()::get).toList());
    var hidden = numbers.stream().map(it -> folder.resolve("." + it)).toList();
    format.write(hidden, changed);
    for (var file = 0; file < hidden.size(); file++) {
      Files.move(hidden.get(file), file(numbers.get(file)), StandardCopyOption.REPLACE_EXISTING);
    }
    for (var file = version.files().size();
        before != null && file < before.files().size();
        file++) {
      Files.deleteIfExists(file(file));
    }
    present = version;
  }

  private Path file(int number) {
    return folder.resolve("%05d.%s".formatted(number, format.name().toLowerCase(Locale.ROOT)));
  }

  @Override
  public void drop() throws IOException {
    try (var files = Files.list(folder)) {
      for (var file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
    present = null;
  }

  @Override
  public void fail() throws IOException {
    Files.move(folder, aside);
  }

  @Override
  public void mend() throws IOException {
    Files.move(aside, folder);
  }

  @Override
  public void close() {}
}
