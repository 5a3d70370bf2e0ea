package io.tidemark.executor.catalog;

import io.tidemark.common.home.QualifiedName;
import io.tidemark.executor.catalog.Column.Collation;
import io.tidemark.executor.catalog.Column.Identity;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads one relation. */
final class RelationReader {
  /** By pg_class_relname_nsp_index; sizes of partitions by pg_inherits_parent_index. */
  private static final String RELATION =
      """
      SELECT c.oid::bigint, c.relkind,
             CASE WHEN c.relkind IN ('r', 'm') THEN pg_relation_size(c.oid)
                  WHEN c.relkind = 'p' THEN
                    (SELECT coalesce(sum(pg_relation_size(p.relid)), 0)
                     FROM pg_partition_tree(c.oid) p WHERE p.isleaf)
                  ELSE 0 END / current_setting('block_size')::int AS pages,
             CASE WHEN c.relkind <> 'p' THEN c.reltuples
                  ELSE (SELECT CASE WHEN min(l.reltuples) < 0 THEN -1 ELSE sum(l.reltuples) END
                        FROM pg_partition_tree(c.oid) p JOIN pg_class l ON l.oid = p.relid
                        WHERE p.isleaf) END AS tuples,
             c.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits WHERE inhparent = c.oid)
               AS inherited,
             has_schema_privilege(n.oid, 'USAGE') AS usage,
             has_table_privilege(c.oid, 'SELECT') AS sel,
             has_table_privilege(c.oid, 'INSERT') AS ins,
             has_table_privilege(c.oid, 'UPDATE') AS upd,
             has_table_privilege(c.oid, 'DELETE') AS del
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ? AND c.relname = ?
      """;

  /** By pg_attribute_relid_attnum_index. Collation columns differ from version to version. */
  private static final String COLUMNS =
      """
      SELECT a.attnum, a.attname, a.attnotnull, a.attgenerated, a.attidentity, a.atthasdef,
             has_column_privilege(a.attrelid, a.attnum, 'SELECT') AS readable,
             l.collname, n.nspname AS collschema, a.attcollation <> t.typcollation AS explicit,
             l.collprovider = 'd' AS is_default,
             l.collprovider = 'b' OR (l.collprovider = 'c' AND l.collcollate IN ('C', 'POSIX'))
               AS byte_order,
             coalesce((to_jsonb(l)->>'collisdeterministic')::boolean, true) AS deterministic
      FROM pg_attribute a
      JOIN pg_type t ON t.oid = a.atttypid
      LEFT JOIN pg_collation l ON l.oid = a.attcollation
      LEFT JOIN pg_namespace n ON n.oid = l.collnamespace
      WHERE a.attrelid = ?::bigint::oid AND a.attnum > 0 AND NOT a.attisdropped
      ORDER BY a.attnum
      """;

  /** By pg_index_indrelid_index. */
  private static final String INDEXES =
      """
      SELECT x.relname, i.indisprimary, i.indisunique, i.indisexclusion, i.indimmediate,
             i.indpred IS NOT NULL AS partial, i.indkey::text AS numbers, i.indnkeyatts,
             i.indoption::text AS options, m.amname = 'btree' AS btree
      FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
      WHERE i.indrelid = ?::bigint::oid AND i.indisvalid
      ORDER BY NOT i.indisprimary, x.relname
      """;

  /** A scan of pg_constraint, which has no index by the referenced table. */
  private static final String FOREIGN_KEYS =
      """
      SELECT f.conname, n.nspname, c.relname,
             CASE f.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL'
               WHEN 'd' THEN 'SET DEFAULT' WHEN 'r' THEN 'RESTRICT' ELSE 'NO ACTION' END AS on_delete
      FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE f.contype = 'f' AND f.confrelid = ?::bigint::oid
      ORDER BY n.nspname, c.relname, f.conname
      """;

  private RelationReader() {}

  static Optional<Relation> read(Connection connection, QualifiedName name, Server server)
      throws SQLException {
    try (var statement = connection.prepareStatement(RELATION)) {
      statement.setString(1, name.schema());
      statement.setString(2, name.name());
      try (var rows = statement.executeQuery()) {
        return rows.next()
            ? Optional.of(relation(connection, name, server, rows))
            : Optional.empty();
      }
    }
  }

  private static Relation relation(
      Connection connection, QualifiedName name, Server server, ResultSet row) throws SQLException {
    var oid = (int) row.getLong(1);
    var columns = columns(connection, oid, server);
    var names = new HashMap<Integer, String>();
    columns.forEach(column -> names.put(column.number(), column.name()));
    return new Relation(
        oid,
        name,
        Relation.Kind.of(row.getString("relkind")),
        row.getLong("pages"),
        row.getDouble("tuples"),
        row.getBoolean("inherited"),
        privileges(row),
        columns,
        indexes(connection, oid, names),
        foreignKeys(connection, oid));
  }

  private static Set<String> privileges(ResultSet row) throws SQLException {
    var held = new HashSet<String>();
    for (var privilege :
        List.of("usage:USAGE", "sel:SELECT", "ins:INSERT", "upd:UPDATE", "del:DELETE")) {
      var parts = privilege.split(":", 2);
      if (row.getBoolean(parts[0])) {
        held.add(parts[1]);
      }
    }
    return held;
  }

  private static List<Column> columns(Connection connection, int oid, Server server)
      throws SQLException {
    var types = TypeReader.ofRelation(connection, oid);
    var columns = new ArrayList<Column>();
    try (var statement = connection.prepareStatement(COLUMNS)) {
      statement.setLong(1, Integer.toUnsignedLong(oid));
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          var type = types.get(rows.getInt("attnum"));
          if (type != null) {
            columns.add(column(rows, type, server));
          }
        }
      }
    }
    return columns;
  }

  private static Column column(ResultSet row, ColumnType type, Server server) throws SQLException {
    var identity =
        switch (row.getString("attidentity")) {
          case "a" -> Identity.ALWAYS;
          case "d" -> Identity.BY_DEFAULT;
          default -> Identity.NONE;
        };
    return new Column(
        row.getInt("attnum"),
        row.getString("attname"),
        type,
        row.getBoolean("attnotnull"),
        !row.getString("attgenerated").isEmpty(),
        identity,
        row.getBoolean("atthasdef") || type.domainDefault() || identity != Identity.NONE,
        collation(row, server),
        row.getBoolean("readable"));
  }

  private static Optional<Collation> collation(ResultSet row, Server server) throws SQLException {
    var name = row.getString("collname");
    if (name == null) {
      return Optional.empty();
    }
    var byDefault = row.getBoolean("is_default");
    return Optional.of(
        new Collation(
            row.getString("collschema"),
            byDefault ? server.defaultCollation() : name,
            row.getBoolean("explicit"),
            byDefault ? server.defaultByteOrder() : row.getBoolean("byte_order"),
            row.getBoolean("deterministic")));
  }

  private static List<Index> indexes(Connection connection, int oid, Map<Integer, String> names)
      throws SQLException {
    var indexes = new ArrayList<Index>();
    try (var statement = connection.prepareStatement(INDEXES)) {
      statement.setLong(1, Integer.toUnsignedLong(oid));
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          indexes.add(index(rows, names));
        }
      }
    }
    return indexes;
  }

  private static Index index(ResultSet row, Map<Integer, String> names) throws SQLException {
    var numbers = row.getString("numbers").split(" ", -1);
    var columns = new ArrayList<String>();
    for (var i = 0; i < row.getInt("indnkeyatts"); i++) {
      var column = names.get(Integer.parseInt(numbers[i]));
      if (column != null) {
        columns.add(column);
      }
    }
    var directions = Arrays.stream(row.getString("options").split(" ", -1)).distinct().toList();
    return new Index(
        row.getString("relname"),
        columns,
        row.getBoolean("indisprimary"),
        row.getBoolean("indisunique"),
        row.getBoolean("indisexclusion"),
        row.getBoolean("indimmediate"),
        row.getBoolean("partial"),
        columns.size() < row.getInt("indnkeyatts"),
        row.getBoolean("btree")
            && (directions.equals(List.of("0")) || directions.equals(List.of("3"))));
  }

  private static List<ForeignKey> foreignKeys(Connection connection, int oid) throws SQLException {
    var keys = new ArrayList<ForeignKey>();
    try (var statement = connection.prepareStatement(FOREIGN_KEYS)) {
      statement.setLong(1, Integer.toUnsignedLong(oid));
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          var table = new QualifiedName(rows.getString("nspname"), rows.getString("relname"));
          keys.add(
              new ForeignKey(
                  rows.getString("conname"), table.toString(), rows.getString("on_delete")));
        }
      }
    }
    return keys;
  }
}
