package io.tidemark.common.home;

/** The one place that quotes. Values are parameters wherever a statement can take them. */
public final class SqlName {
  private SqlName() {}

  /** An identifier, always in double quotes. */
  public static String quote(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }

  /** A schema-qualified name. */
  public static String quote(String schema, String name) {
    return quote(schema) + "." + quote(name);
  }

  /** A string literal, for COPY and DDL, which take no parameters. Safe whatever the settings. */
  public static String literal(String value) {
    var doubled = value.replace("'", "''");
    return value.indexOf('\\') < 0
        ? "'" + doubled + "'"
        : "E'" + doubled.replace("\\", "\\\\") + "'";
  }
}
