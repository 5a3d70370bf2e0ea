package io.tidemark.executor.catalog;

import io.tidemark.executor.catalog.Type.TypeName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads types, their domains unwrapped. Expects {@code search_path} to be pg_catalog. */
final class TypeReader {
  /**
   * Follows each seed (id, oid, typmod) through its domains; a domain over a modified type holds
   * the modifier itself. By pg_type_oid_index.
   */
  private static final String UNWRAP =
      """
      WITH RECURSIVE seed(id, oid, typmod) AS (
        %s
      ), chain(id, oid, typmod, not_null, has_default) AS (
        SELECT id, oid, typmod, false, false FROM seed
        UNION ALL
        SELECT c.id, t.typbasetype, t.typtypmod, c.not_null OR t.typnotnull,
               c.has_default OR t.typdefault IS NOT NULL
        FROM chain c JOIN pg_type t ON t.oid = c.oid
        WHERE t.typtype = 'd'
      ), named AS (
        SELECT t.oid, n.nspname, coalesce(e.typname, t.typname) AS name, t.typtype, t.typcategory,
               t.typsend <> 0 AS sends, coalesce(e.oid, 0) AS element,
               coalesce(e.typtype, ' ') AS element_type
        FROM pg_type t
        LEFT JOIN pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
        JOIN pg_namespace n ON n.oid = coalesce(e.typnamespace, t.typnamespace)
        WHERE t.oid IN (SELECT oid FROM chain)
      )
      SELECT s.id, s.typmod, format_type(s.oid, s.typmod) AS sql,
             d.oid, d.nspname, d.name, d.typtype, d.typcategory, d.sends, d.element, d.element_type,
             b.oid, b.nspname, b.name, b.typtype, b.typcategory, b.sends, b.element, b.element_type,
             c.typmod AS base_typmod, format_type(c.oid, c.typmod) AS base_sql,
             format_type(c.oid, -1) AS unlimited_sql, c.not_null, c.has_default
      FROM seed s
      JOIN named d ON d.oid = s.oid
      JOIN chain c ON c.id = s.id
      JOIN named b ON b.oid = c.oid AND b.typtype <> 'd'
      """;

  private static final String OF_RELATION =
      UNWRAP.formatted(
          """
          SELECT attnum::int, atttypid, atttypmod FROM pg_attribute
          WHERE attrelid = ?::bigint::oid AND attnum > 0 AND NOT attisdropped""");

  private static final String BY_NAME =
      UNWRAP.formatted(
          """
          SELECT w.id::int, CASE WHEN w.is_array THEN t.typarray ELSE t.oid END, w.typmod
          FROM unnest(?::text[], ?::text[], ?::bool[], ?::int[])
               WITH ORDINALITY AS w(schema, name, is_array, typmod, id)
          JOIN pg_namespace n ON n.nspname = w.schema
          JOIN pg_type t ON t.typnamespace = n.oid AND t.typname = w.name""");

  /** What SQL calls a type, a modifier in it left out. */
  private static final String BY_SQL =
      UNWRAP.formatted(
          """
          SELECT w.id::int, to_regtype(w.sql)::oid, -1
          FROM unnest(?::text[]) WITH ORDINALITY AS w(sql, id)
          WHERE to_regtype(w.sql) IS NOT NULL""");

  /** What an assignment casts without being asked. A few hundred rows. */
  private static final String CASTS =
      "SELECT castsource::bigint, casttarget::bigint FROM pg_cast WHERE castcontext IN ('i', 'a')";

  private TypeReader() {}

  /** Types of a relation's columns by {@code attnum}. */
  static Map<Integer, ColumnType> ofRelation(Connection connection, int relation)
      throws SQLException {
    try (var statement = connection.prepareStatement(OF_RELATION)) {
      statement.setLong(1, Integer.toUnsignedLong(relation));
      return read(statement);
    }
  }

  /**
   * The named types with these modifiers, by index in {@code names}; what is missing is left out.
   */
  static Map<Integer, ColumnType> byName(
      Connection connection, List<TypeName> names, List<Integer> typmods) throws SQLException {
    try (var statement = connection.prepareStatement(BY_NAME)) {
      statement.setArray(1, array(connection, "text", names.stream().map(TypeName::schema)));
      statement.setArray(2, array(connection, "text", names.stream().map(TypeName::name)));
      statement.setArray(3, array(connection, "bool", names.stream().map(TypeName::array)));
      statement.setArray(4, array(connection, "int4", typmods.stream()));
      var found = new HashMap<Integer, ColumnType>();
      read(statement).forEach((ordinal, type) -> found.put(ordinal - 1, type));
      return found;
    }
  }

  /**
   * Types as SQL writes them, by index; their modifiers are left out, and so is what is missing.
   */
  static Map<Integer, ColumnType> bySql(Connection connection, List<String> sql)
      throws SQLException {
    try (var statement = connection.prepareStatement(BY_SQL)) {
      statement.setArray(1, array(connection, "text", sql.stream()));
      var found = new HashMap<Integer, ColumnType>();
      read(statement).forEach((ordinal, type) -> found.put(ordinal - 1, type));
      return found;
    }
  }

  /** Pairs of type OIDs that an INSERT casts by itself. */
  static Set<Cast> casts(Connection connection) throws SQLException {
    try (var statement = connection.prepareStatement(CASTS);
        var rows = statement.executeQuery()) {
      var casts = new HashSet<Cast>();
      while (rows.next()) {
        casts.add(new Cast((int) rows.getLong(1), (int) rows.getLong(2)));
      }
      return casts;
    }
  }

  private static java.sql.Array array(
      Connection connection, String type, java.util.stream.Stream<?> values) throws SQLException {
    return connection.createArrayOf(type, values.toArray());
  }

  private static Map<Integer, ColumnType> read(PreparedStatement statement) throws SQLException {
    try (var rows = statement.executeQuery()) {
      var types = new HashMap<Integer, ColumnType>();
      while (rows.next()) {
        types.put(
            rows.getInt("id"),
            new ColumnType(
                type(rows, 4),
                rows.getInt("typmod"),
                rows.getString("sql"),
                type(rows, 12),
                rows.getInt("base_typmod"),
                rows.getString("base_sql"),
                rows.getString("unlimited_sql"),
                rows.getBoolean("not_null"),
                rows.getBoolean("has_default")));
      }
      return types;
    }
  }

  private static Type type(ResultSet rows, int at) throws SQLException {
    return new Type(
        (int) rows.getLong(at),
        rows.getString(at + 1),
        rows.getString(at + 2),
        rows.getString(at + 3).charAt(0),
        rows.getString(at + 4).charAt(0),
        rows.getBoolean(at + 5),
        (int) rows.getLong(at + 6),
        rows.getString(at + 7).charAt(0));
  }
}
