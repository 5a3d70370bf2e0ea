package io.tidemark.executor.source.jdbc;

import java.util.Optional;

/** Types of Postgres itself: the text that the server writes is what the home reads. */
final class PostgresTypes {
  private PostgresTypes() {}

  static Optional<Reading> reading(JdbcColumn column) {
    var type = column.declared();
    var reading = Reading.of(type, Rendering.text());
    return Optional.of(
        switch (type) {
          // A numeric may be NaN, which Java's has not.
          case "int2", "int4", "int8" -> reading.key(KeyKind.NUMBER);
          case "smallserial" -> Reading.of("smallint", Rendering.text()).key(KeyKind.NUMBER);
          case "serial" -> Reading.of("integer", Rendering.text()).key(KeyKind.NUMBER);
          case "bigserial" -> Reading.of("bigint", Rendering.text()).key(KeyKind.NUMBER);
          case "text", "varchar" -> reading.key(KeyKind.TEXT);
          case "bpchar" -> Reading.of("character(" + column.precision() + ")", Rendering.text());
          case "bit", "varbit" ->
              Reading.of(type + "(" + column.precision() + ")", Rendering.text());
          case "uuid" -> reading.key(KeyKind.UUID_VALUE);
          case "date" -> reading.key(KeyKind.DATE);
          case "timestamp" -> reading.key(KeyKind.TIMESTAMP);
          default -> type.contains(".") ? reading.orWhatTheTargetHas() : reading;
        });
  }
}
