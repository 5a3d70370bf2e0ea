package io.tidemark.executor.source.jdbc;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Types of MariaDB and MySQL. The server itself writes what drivers write each in their own way:
 * dates, instants, times, years and JSON come through a CAST to CHAR.
 */
final class MySqlTypes {
  /** {@code decimal(10,2) unsigned}: word, first and second argument, what follows. */
  private static final Pattern DECLARED =
      Pattern.compile("([a-z0-9 ]*[a-z0-9])(?:\\((\\d+)(?:,(\\d+))?\\))?(.*)");

  /** A month or a day of zero. */
  private static final Pattern ZERO_DATE = Pattern.compile("^\\d{4}-(?:00|\\d\\d-00)");

  private static final String BY_SERVER = "CAST(%s AS CHAR)";
  private static final int MAX_UNSIGNED_DIGITS = 20;

  private MySqlTypes() {}

  static Optional<Reading> reading(JdbcColumn column, boolean nullZeroDates) {
    var declared = DECLARED.matcher(column.declared());
    if (!declared.matches()) {
      return Optional.empty();
    }
    var word = declared.group(1).replace(" unsigned", "").replace(" zerofill", "");
    var unsigned = column.declared().contains("unsigned");
    var first = declared.group(2) == null ? column.precision() : number(declared.group(2));
    var fraction = declared.group(2) == null ? fraction(column) : number(declared.group(2));
    return Optional.ofNullable(
        switch (word) {
          case "tinyint" ->
              first == 1 && !unsigned && declared.group(2) != null
                  ? integer("smallint").orWhatTheTargetHas()
                  : integer("smallint");
          case "boolean", "bool" -> integer("smallint").orWhatTheTargetHas();
          case "smallint" -> integer(unsigned ? "integer" : "smallint");
          case "mediumint" -> integer("integer");
          case "int", "integer" -> integer(unsigned ? "bigint" : "integer");
          case "bigint" -> integer(unsigned ? "numeric(" + MAX_UNSIGNED_DIGITS + ",0)" : "bigint");
          case "decimal", "numeric" -> decimal(column, declared.group(2), declared.group(3));
          // Multiplied, it is a double: of a float itself the server writes six digits.
          case "float" -> Reading.of("real", Rendering.float4()).as("%s * 1e0");
          case "double", "real" -> Reading.of("double precision", Rendering.float8());
          case "bit" -> bits(first);
          case "year" -> Reading.of("smallint", Rendering.text()).as(BY_SERVER);
          case "date" -> day("date", KeyKind.TEXT, Rendering.text(), nullZeroDates);
          case "datetime" ->
              day("timestamp(" + fraction + ")", KeyKind.TEXT, Rendering.text(), nullZeroDates);
          case "timestamp" ->
              day(
                  "timestamp(" + fraction + ") with time zone",
                  KeyKind.UTC_TEXT,
                  Rendering.text().followedBy(KeyKind.UTC),
                  nullZeroDates);
          // Up to 838 hours, and negative.
          case "time" ->
              Reading.of("interval", Rendering.text()).as(BY_SERVER).orWhatTheTargetHas();
          case "char", "varchar", "tinytext", "text", "mediumtext" ->
              Reading.of("text", Rendering.text()).key(KeyKind.TEXT);
          // What MariaDB calls JSON is a longtext.
          case "longtext" -> Reading.of("text", Rendering.text()).orWhatTheTargetHas();
          case "json" -> Reading.of("json", Rendering.text()).as(BY_SERVER).orWhatTheTargetHas();
          case "enum", "set" -> Reading.of("text", Rendering.text()).orWhatTheTargetHas();
          case "binary", "varbinary" -> Reading.of("bytea", Rendering.bytes()).key(KeyKind.BYTES);
          case "tinyblob", "blob", "mediumblob", "longblob" ->
              Reading.of("bytea", Rendering.bytes());
          case "uuid" -> Reading.of("uuid", Rendering.text()).as(BY_SERVER).key(KeyKind.TEXT);
          case "inet4", "inet6" -> Reading.of("inet", Rendering.text()).as(BY_SERVER);
          default -> null;
        });
  }

  private static Reading integer(String type) {
    return Reading.of(type, Rendering.text()).key(KeyKind.NUMBER);
  }

  private static Reading decimal(JdbcColumn column, String precision, String scale) {
    var digits = precision == null ? Integer.toString(column.precision()) : precision;
    var fraction =
        precision == null ? Integer.toString(column.scale()) : scale == null ? "0" : scale;
    return Reading.of("numeric(" + digits + "," + fraction + ")", Rendering.text())
        .key(KeyKind.NUMBER);
  }

  private static Reading bits(int width) {
    return width <= 1
        ? Reading.of("boolean", Rendering.bits(1)).as("CAST(%s AS UNSIGNED)").orWhatTheTargetHas()
        : Reading.of("bit(" + width + ")", Rendering.bits(width)).as("CAST(%s AS UNSIGNED)");
  }

  private static Reading day(
      String type, KeyKind kind, Rendering rendering, boolean nullZeroDates) {
    var shown = nullZeroDates ? rendering.nullWhere(ZERO_DATE) : rendering;
    var reading = Reading.of(type, shown).as(BY_SERVER);
    return nullZeroDates ? reading : reading.key(kind);
  }

  /** Digits after the second, of a column that only a result describes. */
  private static int fraction(JdbcColumn column) {
    return column.declared().contains("(") || column.scale() < 0 || column.scale() > 6
        ? 0
        : column.scale();
  }

  private static int number(String digits) {
    return Integer.parseInt(digits);
  }
}
