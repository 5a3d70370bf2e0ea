package io.tidemark.suite.scenario;

import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/** What a column holds, in the words of each source. */
enum ValueType {
  INTEGER("integer") {
    @Override
    Object value(String text) {
      return Integer.valueOf(text);
    }
  },
  TEXT("text") {
    @Override
    Object value(String text) {
      return text;
    }
  },
  UUID("uuid") {
    @Override
    Object value(String text) {
      return java.util.UUID.fromString(text);
    }
  };

  private final String sql;

  ValueType(String sql) {
    this.sql = sql;
  }

  /** Of Postgres and DuckDB. */
  String sql() {
    return sql;
  }

  /** Of H2, where a text is no LOB. */
  String h2() {
    return this == TEXT ? "varchar" : sql;
  }

  Type iceberg() {
    return switch (this) {
      case INTEGER -> Types.IntegerType.get();
      case TEXT -> Types.StringType.get();
      case UUID -> Types.UUIDType.get();
    };
  }

  /** As drivers and libraries take it. */
  abstract Object value(String text);
}
