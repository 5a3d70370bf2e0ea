package io.tidemark.executor.source.files;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.source.SourceColumn;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Columns that DuckDB finds in files, in Postgres's types: the table of docs/connectors/files.md.
 */
final class TypedColumns {
  private static final Pattern DECIMAL = Pattern.compile("DECIMAL\\((\\d+),(\\d+)\\)");

  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("BOOLEAN", "boolean"),
          Map.entry("TINYINT", "smallint"),
          Map.entry("UTINYINT", "smallint"),
          Map.entry("SMALLINT", "smallint"),
          Map.entry("USMALLINT", "integer"),
          Map.entry("INTEGER", "integer"),
          Map.entry("UINTEGER", "bigint"),
          Map.entry("BIGINT", "bigint"),
          Map.entry("UBIGINT", "numeric(20,0)"),
          Map.entry("HUGEINT", "numeric(39,0)"),
          Map.entry("UHUGEINT", "numeric(39,0)"),
          Map.entry("FLOAT", "real"),
          Map.entry("DOUBLE", "double precision"),
          Map.entry("DATE", "date"),
          Map.entry("TIME", "time"),
          Map.entry("TIME WITH TIME ZONE", "timetz"),
          Map.entry("TIMESTAMP", "timestamp"),
          Map.entry("TIMESTAMP_S", "timestamp"),
          Map.entry("TIMESTAMP_MS", "timestamp"),
          Map.entry("TIMESTAMP_NS", "timestamp"),
          Map.entry("TIMESTAMP WITH TIME ZONE", "timestamptz"),
          Map.entry("INTERVAL", "interval"),
          Map.entry("UUID", "uuid"),
          Map.entry("BLOB", "bytea"),
          Map.entry("BIT", "bit varying"),
          Map.entry("JSON", "jsonb"));

  private TypedColumns() {}

  /** A column as DuckDB describes it. */
  record Described(String name, String type) {
    /** The Postgres type that holds each of its values. */
    String postgres() {
      var decimal = DECIMAL.matcher(type);
      if (decimal.matches()) {
        return "numeric(" + decimal.group(1) + "," + decimal.group(2) + ")";
      }
      return nested() ? "jsonb" : TYPES.getOrDefault(type, "text");
    }

    /** A list, struct, map or union: its values become JSON. */
    boolean nested() {
      return type.endsWith("]")
          || type.startsWith("STRUCT(")
          || type.startsWith("MAP(")
          || type.startsWith("UNION(");
    }
  }

  /**
   * The columns of a FROM item.
   *
   * @param where what a message calls it
   * @throws TidemarkException COLUMN_MISSING where two names differ by case only
   */
  static List<Described> describe(Statement duck, String where, String from) throws SQLException {
    try (var rows = duck.executeQuery("DESCRIBE FROM " + from)) {
      var columns = new ArrayList<Described>();
      var names = new HashMap<String, String>();
      while (rows.next()) {
        var name = rows.getString(1);
        var other = names.put(name.toLowerCase(Locale.ROOT), name);
        if (other != null) {
          throw new TidemarkException(
              ErrorCode.COLUMN_MISSING,
              "%s: the columns %s and %s differ by case only".formatted(where, other, name));
        }
        columns.add(new Described(name, rows.getString(2)));
      }
      return columns;
    }
  }

  /** In Postgres's types, or those that the user has given. */
  static List<SourceColumn> columns(List<Described> described, Map<String, String> given) {
    return described.stream()
        .map(
            column -> {
              var type = given.get(column.name());
              return new SourceColumn(
                  column.name(), type == null ? column.postgres() : type, false, type != null);
            })
        .toList();
  }
}
