package io.tidemark.executor.source.jdbc;

import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.Locale;

/**
 * A column as the database describes it.
 *
 * @param name in the database
 * @param shown what Tidemark calls it: in lower case, where the database writes all in upper case
 * @param jdbcType of {@link java.sql.Types}
 * @param declared the database's own name of the type, in lower case, of MySQL's family with all
 *     that follows it: {@code int(10) unsigned}
 */
record JdbcColumn(
    String name,
    String shown,
    int jdbcType,
    String declared,
    int precision,
    int scale,
    boolean signed,
    boolean notNull) {

  static JdbcColumn of(ResultSetMetaData columns, int column, boolean upperCase)
      throws SQLException {
    var name = columns.getColumnLabel(column);
    return new JdbcColumn(
        name,
        upperCase && name.equals(name.toUpperCase(Locale.ROOT))
            ? name.toLowerCase(Locale.ROOT)
            : name,
        columns.getColumnType(column),
        columns.getColumnTypeName(column).toLowerCase(Locale.ROOT),
        columns.getPrecision(column),
        columns.getScale(column),
        columns.isSigned(column),
        columns.isNullable(column) == ResultSetMetaData.columnNoNulls);
  }

  JdbcColumn declaredAs(String type) {
    return new JdbcColumn(
        name, shown, jdbcType, type.toLowerCase(Locale.ROOT), precision, scale, signed, notNull);
  }

  JdbcColumn shownAs(String other) {
    return new JdbcColumn(name, other, jdbcType, declared, precision, scale, signed, notNull);
  }

  /** What must be the same each time this column is read. */
  String type() {
    return declared + "/" + jdbcType + "/" + precision + "/" + scale + "/" + signed;
  }
}
