package io.tidemark.executor.source.jdbc;

import io.tidemark.common.config.NearMiss;
import io.tidemark.common.config.SourceDefinition.JdbcSource;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Finds a source's table or query in the database and describes it, by metadata alone. */
final class RelationReader {
  /** As many names are looked at for one that was meant. */
  private static final int MAX_NAMES = 5_000;

  private final Connection connection;
  private final DatabaseMetaData metadata;
  private final Dialect dialect;
  private final JdbcSource source;

  private RelationReader(Connection connection, Dialect dialect, JdbcSource source)
      throws SQLException {
    this.connection = connection;
    this.metadata = connection.getMetaData();
    this.dialect = dialect;
    this.source = source;
  }

  /**
   * Reads it.
   *
   * @throws TidemarkException SOURCE_TABLE_MISSING, COLUMN_MISSING, CONFIG_INVALID
   */
  static Relation read(Connection connection, Dialect dialect, JdbcSource source)
      throws SQLException {
    var reader = new RelationReader(connection, dialect, source);
    return source.query().isPresent() ? reader.query(source.query().get()) : reader.table();
  }

  /** A table as metadata names it. */
  private record Found(@Nullable String catalog, @Nullable String schema, String name) {}

  private Relation query(String written) throws SQLException {
    var sql = written.strip().replaceFirst(";\\s*$", "");
    // A line of its own: the query may end in a comment.
    var from = "(" + sql + "\n) q";
    return new Relation(
        "query", from, source.where(), quote(), selected(columns(from)), List.of(), 0, 0);
  }

  private Relation table() throws SQLException {
    var written = source.table().orElseThrow();
    var found = find(TableName.parse(written).orElseThrow(() -> noName(written)), written);
    var from = sql(found);
    var all = refined(found, columns(from));
    var key = key(found, all);
    var size = size(found);
    return new Relation(
        written, from, source.where(), quote(), selected(all), key, size[0], size[1]);
  }

  private Found find(TableName name, String written) throws SQLException {
    for (var catalog : catalogs(name)) {
      for (var schema : schemas(name)) {
        for (var table : name.table().forms()) {
          var found = tables(catalog, schema, escaped(table), 1);
          if (!found.isEmpty()) {
            return found.getFirst();
          }
        }
      }
    }
    var near =
        NearMiss.of(
            name.table().text(),
            tables(catalogs(name).getFirst(), schemas(name).getFirst(), "%", MAX_NAMES).stream()
                .map(Found::name)
                .toList());
    throw new TidemarkException(
        ErrorReport.of(
                ErrorCode.SOURCE_TABLE_MISSING,
                "the source has no table " + written + " that its user may see")
            .withHint(
                near.map(it -> "Did you mean " + it + "?")
                    .orElse(ErrorCode.SOURCE_TABLE_MISSING.hint())));
  }

  private List<@Nullable String> catalogs(TableName name) throws SQLException {
    var part = dialect.isMySql() ? name.schema() : name.catalog();
    if (part.isPresent()) {
      return List.copyOf(part.get().forms());
    }
    return one(connection.getCatalog());
  }

  private List<@Nullable String> schemas(TableName name) throws SQLException {
    if (dialect.isMySql()) {
      return one(null);
    }
    if (name.schema().isPresent()) {
      return List.copyOf(name.schema().get().forms());
    }
    return one(connection.getSchema());
  }

  private static List<@Nullable String> one(@Nullable String value) {
    var list = new ArrayList<@Nullable String>();
    list.add(value);
    return list;
  }

  private List<Found> tables(
      @Nullable String catalog, @Nullable String schema, String pattern, int limit)
      throws SQLException {
    var found = new ArrayList<Found>();
    try (var rows =
        metadata.getTables(catalog, schema == null ? null : escaped(schema), pattern, null)) {
      while (found.size() < limit && rows.next()) {
        found.add(
            new Found(
                rows.getString("TABLE_CAT"),
                rows.getString("TABLE_SCHEM"),
                rows.getString("TABLE_NAME")));
      }
    }
    return found;
  }

  private String escaped(String name) throws SQLException {
    var escape = metadata.getSearchStringEscape();
    if (escape == null || escape.isEmpty()) {
      return name;
    }
    return name.replace(escape, escape + escape)
        .replace("_", escape + "_")
        .replace("%", escape + "%");
  }

  private String sql(Found table) throws SQLException {
    var outer = dialect.isMySql() ? table.catalog() : table.schema();
    var name = Relation.quoted(quote(), table.name());
    return outer == null || outer.isEmpty() ? name : Relation.quoted(quote(), outer) + "." + name;
  }

  private String quote() throws SQLException {
    var quote = metadata.getIdentifierQuoteString();
    return quote == null ? "" : quote.strip();
  }

  private List<JdbcColumn> columns(String from) throws SQLException {
    try (var statement = connection.createStatement();
        ResultSet none = statement.executeQuery("SELECT * FROM " + from + " WHERE 1 = 0")) {
      var described = none.getMetaData();
      var columns = new ArrayList<JdbcColumn>();
      var upperCase = metadata.storesUpperCaseIdentifiers();
      for (var column = 1; column <= described.getColumnCount(); column++) {
        columns.add(JdbcColumn.of(described, column, upperCase));
      }
      return unambiguous(columns);
    }
  }

  /** Names that differ only by case stay as the database writes them. */
  private static List<JdbcColumn> unambiguous(List<JdbcColumn> columns) {
    var names = new HashSet<String>();
    var unique = columns.stream().allMatch(column -> names.add(column.shown()));
    return unique ? columns : columns.stream().map(it -> it.shownAs(it.name())).toList();
  }

  /** With the types as MySQL's family declares them, which its drivers only hint at. */
  private List<JdbcColumn> refined(Found table, List<JdbcColumn> columns) throws SQLException {
    if (!dialect.isMySql()) {
      return columns;
    }
    var declared = new HashMap<String, String>();
    try (var statement =
        connection.prepareStatement(
            """
            SELECT column_name, column_type FROM information_schema.columns
            WHERE table_schema = ? AND table_name = ?
            """)) {
      statement.setString(1, table.catalog());
      statement.setString(2, table.name());
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          declared.put(rows.getString(1), rows.getString(2));
        }
      }
    }
    return columns.stream()
        .map(it -> it.declaredAs(declared.getOrDefault(it.name(), it.declared())))
        .toList();
  }

  private List<JdbcColumn> selected(List<JdbcColumn> all) {
    if (source.columns().isEmpty()) {
      return all;
    }
    return source.columns().stream().map(name -> column(all, name, "source.columns")).toList();
  }

  /** The column that a user means, whatever its case where only one can be meant. */
  static JdbcColumn column(List<JdbcColumn> all, String name, String field) {
    var ignoringCase = all.stream().filter(it -> it.name().equalsIgnoreCase(name)).toList();
    return all.stream()
        .filter(it -> it.name().equals(name) || it.shown().equals(name))
        .findFirst()
        .or(
            () ->
                ignoringCase.size() == 1 ? Optional.of(ignoringCase.getFirst()) : Optional.empty())
        .orElseThrow(
            () ->
                new TidemarkException(
                    ErrorReport.of(
                            ErrorCode.COLUMN_MISSING, field + ": the source has no column " + name)
                        .withHint(
                            NearMiss.of(name, all.stream().map(JdbcColumn::shown).toList())
                                .map(near -> "Did you mean " + near + "?")
                                .orElse("Name one of its columns."))));
  }

  private List<JdbcColumn> key(Found table, List<JdbcColumn> all) throws SQLException {
    Map<Short, JdbcColumn> key = new TreeMap<>();
    try (var rows = metadata.getPrimaryKeys(table.catalog(), table.schema(), table.name())) {
      while (rows.next()) {
        var name = rows.getString("COLUMN_NAME");
        var sequence = rows.getShort("KEY_SEQ");
        all.stream().filter(it -> it.name().equals(name)).forEach(it -> key.put(sequence, it));
      }
    }
    return List.copyOf(key.values());
  }

  private long[] size(Found table) throws SQLException {
    var query = dialect.sizeQuery();
    if (query.isEmpty()) {
      return new long[] {0, 0};
    }
    try (var statement = connection.prepareStatement(query.get())) {
      statement.setString(1, dialect.isMySql() ? table.catalog() : table.schema());
      statement.setString(2, table.name());
      try (var rows = statement.executeQuery()) {
        return rows.next()
            ? new long[] {Math.max(0, rows.getLong(1)), Math.max(0, rows.getLong(2))}
            : new long[] {0, 0};
      }
    }
  }

  private static TidemarkException noName(String written) {
    return new TidemarkException(
        ErrorReport.of(
                ErrorCode.CONFIG_INVALID, "source.table: " + written + " is not a table's name")
            .withHint(
                "Write table, schema.table, or database.table, each part in quotes if it needs."));
  }
}
