package io.tidemark.suite.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The columns of a source.
 *
 * @param key names of the key's columns, in the order in which the table's definition has them
 * @param isUnique whether a database holds the key unique
 */
record Shape(List<Column> columns, List<String> key, boolean isUnique) {
  Shape {
    columns = List.copyOf(columns);
    key = List.copyOf(key);
  }

  record Column(String name, ValueType type) {}

  /** {@code id} and {@code v}. */
  static final Shape PLAIN =
      new Shape(
          List.of(new Column("id", ValueType.INTEGER), new Column("v", ValueType.TEXT)),
          List.of("id"),
          true);

  /** One key column {@code k} of that type, and {@code v}. */
  static Shape keyed(ValueType type) {
    return new Shape(
        List.of(new Column("k", type), new Column("v", ValueType.TEXT)), List.of("k"), true);
  }

  Shape notUnique() {
    return new Shape(columns, key, false);
  }

  Shape with(String name, ValueType type) {
    var more = new ArrayList<>(columns);
    more.add(new Column(name, type));
    return new Shape(more, key, isUnique);
  }

  List<String> names() {
    return columns.stream().map(Column::name).toList();
  }

  /** Where the key's columns stand. */
  List<Integer> keyPositions() {
    return key.stream().map(names()::indexOf).toList();
  }

  /** As SQL: what is behind the name of a table that is created. */
  String sql(Function<ValueType, String> type) {
    var declared =
        columns.stream()
            .map(it -> it.name() + " " + type.apply(it.type()))
            .collect(Collectors.joining(", "));
    return isUnique
        ? "(%s, PRIMARY KEY (%s))".formatted(declared, String.join(", ", key))
        : "(" + declared + ")";
  }
}
