package io.tidemark.executor.source.jdbc;

import java.sql.Types;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Types as JDBC names them, for every database that has no class of its own. */
final class StandardTypes {
  private static final int MAX_NUMERIC_PRECISION = 1000;

  /** What SQL Server reports of a datetimeoffset. */
  private static final int DATETIMEOFFSET = -155;

  private StandardTypes() {}

  static Optional<Reading> reading(JdbcColumn column) {
    var declared =
        switch (column.declared()) {
          case "uuid" -> Reading.of("uuid", Rendering.text()).key(KeyKind.UUID_VALUE);
          case "uniqueidentifier" -> Reading.of("uuid", Rendering.text());
          case "json" -> Reading.of("json", Rendering.text()).orWhatTheTargetHas();
          case "jsonb" -> Reading.of("jsonb", Rendering.text());
          case "decfloat" -> Reading.of("numeric", Rendering.number());
          default ->
              column.declared().startsWith("enum")
                  ? Reading.of("text", Rendering.text()).orWhatTheTargetHas()
                  : null;
        };
    return Optional.ofNullable(declared).or(() -> Optional.ofNullable(byJdbcType(column)));
  }

  private static @Nullable Reading byJdbcType(JdbcColumn column) {
    return switch (column.jdbcType()) {
      case Types.BOOLEAN -> Reading.of("boolean", Rendering.bool());
      case Types.BIT -> column.precision() <= 1 ? Reading.of("boolean", Rendering.bool()) : null;
      case Types.TINYINT, Types.SMALLINT ->
          integer(column.signed() || column.jdbcType() == Types.TINYINT ? "smallint" : "integer");
      case Types.INTEGER -> integer(column.signed() ? "integer" : "bigint");
      case Types.BIGINT -> integer(column.signed() ? "bigint" : "numeric(20,0)");
      case Types.NUMERIC, Types.DECIMAL ->
          Reading.of(numeric(column), Rendering.number()).key(KeyKind.NUMBER);
      case Types.REAL -> Reading.of("real", Rendering.float4());
      case Types.FLOAT, Types.DOUBLE -> Reading.of("double precision", Rendering.float8());
      case Types.CHAR, Types.VARCHAR, Types.NCHAR, Types.NVARCHAR ->
          Reading.of("text", Rendering.text()).key(KeyKind.TEXT);
      case Types.LONGVARCHAR, Types.LONGNVARCHAR, Types.CLOB, Types.NCLOB ->
          Reading.of("text", Rendering.text());
      case Types.SQLXML -> Reading.of("xml", Rendering.text()).orWhatTheTargetHas();
      case Types.DATE -> Reading.of("date", Rendering.date()).key(KeyKind.DATE);
      case Types.TIME -> Reading.of("time" + fraction(column), Rendering.time());
      case Types.TIME_WITH_TIMEZONE ->
          Reading.of("time" + fraction(column) + " with time zone", Rendering.timeZoned());
      case Types.TIMESTAMP ->
          Reading.of("timestamp" + fraction(column), Rendering.timestamp()).key(KeyKind.TIMESTAMP);
      case Types.TIMESTAMP_WITH_TIMEZONE ->
          Reading.of("timestamp" + fraction(column) + " with time zone", Rendering.timestampZoned())
              .key(KeyKind.TIMESTAMP_ZONED);
      case DATETIMEOFFSET -> Reading.of("timestamp with time zone", Rendering.text());
      case Types.BINARY, Types.VARBINARY ->
          Reading.of("bytea", Rendering.bytes()).key(KeyKind.BYTES);
      case Types.LONGVARBINARY -> Reading.of("bytea", Rendering.bytes());
      case Types.BLOB -> Reading.of("bytea", Rendering.blob());
      default -> null;
    };
  }

  private static Reading integer(String type) {
    return Reading.of(type, Rendering.number()).key(KeyKind.NUMBER);
  }

  /** Without modifier where the database's own has no meaning in Postgres. */
  private static String numeric(JdbcColumn column) {
    var fits =
        column.precision() > 0
            && column.precision() <= MAX_NUMERIC_PRECISION
            && column.scale() >= 0
            && column.scale() <= column.precision();
    return fits ? "numeric(" + column.precision() + "," + column.scale() + ")" : "numeric";
  }

  /** Postgres keeps six digits of a second and rounds what is finer. */
  private static String fraction(JdbcColumn column) {
    return column.scale() >= 0 && column.scale() < 6 ? "(" + column.scale() + ")" : "";
  }
}
