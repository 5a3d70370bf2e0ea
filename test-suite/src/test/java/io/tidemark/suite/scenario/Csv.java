package io.tidemark.suite.scenario;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows as lines of CSV: a null is nothing, each other value is quoted. */
final class Csv {
  private Csv() {}

  static void write(Path file, Shape shape, List<List<@Nullable String>> rows) throws IOException {
    try (var out = Files.newBufferedWriter(file)) {
      out.write(String.join(",", shape.names()));
      out.write('\n');
      for (var row : rows) {
        line(out, shape, row);
      }
    }
  }

  private static void line(BufferedWriter out, Shape shape, List<@Nullable String> row)
      throws IOException {
    for (var column = 0; column < row.size(); column++) {
      var value = row.get(column);
      if (column > 0) {
        out.write(',');
      }
      if (value == null) {
        continue;
      }
      if (shape.columns().get(column).type() == ValueType.TEXT) {
        out.write('"');
        out.write(value.replace("\"", "\"\""));
        out.write('"');
      } else {
        out.write(value);
      }
    }
    out.write('\n');
  }
}
