package io.tidemark.suite.scenario;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * All rows of a source at a moment: what the test knows without asking anybody.
 *
 * @param files rows by the file in which they are, in order; a database has them one after the
 *     other. A row has a text a column
 */
record Version(Shape shape, List<List<List<@Nullable String>>> files) {
  private static final int FILES = 4;

  Version {
    files = List.copyOf(files);
  }

  static Version empty(Shape shape) {
    return new Version(shape, List.of());
  }

  /** In four files. */
  static Version of(Shape shape, List<List<@Nullable String>> rows) {
    return of(shape, rows, FILES);
  }

  static Version of(Shape shape, List<List<@Nullable String>> rows, int files) {
    return new Version(
        shape,
        IntStream.range(0, files)
            .mapToObj(
                it ->
                    rows.subList(
                        (int) ((long) rows.size() * it / files),
                        (int) ((long) rows.size() * (it + 1) / files)))
            .toList());
  }

  /** A row for each number of a range. */
  static Version numbered(Shape shape, int from, int to, IntFunction<List<@Nullable String>> row) {
    return of(shape, IntStream.range(from, to).mapToObj(row).toList());
  }

  static List<@Nullable String> row(@Nullable String... values) {
    return Arrays.asList(values);
  }

  List<List<@Nullable String>> rows() {
    return files.stream().flatMap(List::stream).toList();
  }

  /** Rows by their keys; of those with the same key the last. */
  Map<List<@Nullable String>, List<@Nullable String>> byKey() {
    var positions = shape.keyPositions();
    var rows = new HashMap<List<@Nullable String>, List<@Nullable String>>();
    for (var file : files) {
      for (var row : file) {
        rows.put(positions.stream().map(row::get).toList(), row);
      }
    }
    return rows;
  }

  /** The same in a database that names its columns otherwise or has fewer: the first ones. */
  Version first(Shape fewer) {
    var width = fewer.columns().size();
    return new Version(
        fewer,
        files.stream()
            .map(file -> file.stream().map(row -> row.subList(0, width)).toList())
            .toList());
  }

  /** With the files in the other order: of rows with the same key, the first counts in byKey. */
  Version reversed() {
    var rows = new ArrayList<>(rows());
    Collections.reverse(rows);
    return of(shape, rows, 1);
  }
}
