package io.tidemark.executor.catalog;

import io.tidemark.common.home.QualifiedName;
import io.tidemark.executor.catalog.Type.TypeName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The catalog of the database behind one connection. The connection's {@code search_path} must be
 * pg_catalog (see {@code Sessions}), so that type names come out qualified.
 */
public final class Catalog {
  /**
   * What the versions call a database's locale differs (datlocale, daticulocale); JSON has each
   * under its name or not at all.
   */
  private static final String SERVER =
      """
      SELECT current_setting('server_version_num')::int AS version,
             extract(epoch FROM pg_postmaster_start_time()) || '/' || d.oid AS identity,
             getdatabaseencoding() AS encoding,
             coalesce(j->>'datlocale', j->>'daticulocale', j->>'datcollate') AS collation,
             coalesce(j->>'datlocprovider', 'c') AS provider,
             current_setting('search_path') AS search_path
      FROM pg_database d, to_jsonb(d) j
      WHERE d.datname = current_database()
      """;

  /** A few tables that a misspelt name may have meant; a scan of pg_class. */
  private static final String SIMILAR =
      """
      SELECT n.nspname, c.relname
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE lower(c.relname) = lower(?) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      ORDER BY 1, 2 LIMIT 3
      """;

  private static final String SCHEMA =
      """
      SELECT
             CASE WHEN EXISTS (SELECT FROM pg_namespace WHERE nspname = w.name)
                  THEN has_schema_privilege(w.name, 'CREATE')
                  ELSE has_database_privilege(current_database(), 'CREATE') END AS creatable
      FROM (SELECT ?::text AS name) w
      """;

  /** Types with a btree default operator class of their own or of what they are coerced to. */
  private static final String ORDERED =
      """
      SELECT EXISTS (
        SELECT FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod
        WHERE m.amname = 'btree' AND o.opcdefault
          AND o.opcintype IN (
            t.oid, CASE t.typtype WHEN 'e' THEN 'anyenum'::regtype WHEN 'r' THEN 'anyrange' END,
            CASE WHEN t.oid = 'varchar'::regtype THEN 'text'::regtype
                 WHEN t.typcategory = 'A' THEN 'anyarray' END))
      FROM pg_type t WHERE t.oid = ?::bigint::oid
      """;

  private static final String COLLATION =
      """
      SELECT EXISTS (
        SELECT FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace
        WHERE n.nspname = ? AND l.collname = ?
          AND l.collencoding IN (-1, pg_char_to_encoding(getdatabaseencoding())))
      """;

  private final Connection connection;
  private final Server server;

  public Catalog(Connection connection) throws SQLException {
    this.connection = connection;
    try (var statement = connection.createStatement();
        var row = statement.executeQuery(SERVER)) {
      if (!row.next()) {
        throw new SQLException("the database is gone");
      }
      if (!"pg_catalog".equals(row.getString("search_path"))) {
        throw new IllegalStateException("a session that Sessions has not configured");
      }
      var provider = row.getString("provider");
      var collation = row.getString("collation");
      var byteOrder =
          "b".equals(provider)
              || ("c".equals(provider) && List.of("C", "POSIX").contains(collation));
      server =
          new Server(
              row.getInt("version"),
              row.getString("identity"),
              row.getString("encoding"),
              collation,
              byteOrder);
    }
  }

  public Server server() {
    return server;
  }

  /** The relation of that name, of whatever kind. */
  public Optional<Relation> relation(QualifiedName name) throws SQLException {
    return RelationReader.read(connection, name, server);
  }

  /** Tables whose names differ from this one in case or schema only. */
  public List<QualifiedName> similar(QualifiedName name) throws SQLException {
    try (var statement = connection.prepareStatement(SIMILAR)) {
      statement.setString(1, name.name());
      try (var rows = statement.executeQuery()) {
        var found = new ArrayList<QualifiedName>();
        while (rows.next()) {
          found.add(new QualifiedName(rows.getString(1), rows.getString(2)));
        }
        return found;
      }
    }
  }

  /**
   * The named types with these modifiers, by index in {@code names}; what is missing is left out.
   */
  public Map<Integer, ColumnType> types(List<TypeName> names, List<Integer> typmods)
      throws SQLException {
    return TypeReader.byName(connection, names, typmods);
  }

  /**
   * Types as SQL writes them, by index; their modifiers are left out, and so is what is missing.
   */
  public Map<Integer, ColumnType> types(List<String> sql) throws SQLException {
    return TypeReader.bySql(connection, sql);
  }

  /** Pairs of types that an INSERT casts by itself. */
  public Set<Cast> casts() throws SQLException {
    return TypeReader.casts(connection);
  }

  /** Whether rows can be ordered, and joined in order, by values of that type. */
  public boolean ordered(Type type) throws SQLException {
    try (var statement = connection.prepareStatement(ORDERED)) {
      statement.setLong(1, Integer.toUnsignedLong(type.oid()));
      try (var row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  public boolean hasCollation(Column.Collation collation) throws SQLException {
    try (var statement = connection.prepareStatement(COLLATION)) {
      statement.setString(1, collation.schema());
      statement.setString(2, collation.name());
      try (var row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  /** Whether this user can create a table in that schema, or the schema where it is missing. */
  public boolean canCreateIn(String schema) throws SQLException {
    try (var statement = connection.prepareStatement(SCHEMA)) {
      statement.setString(1, schema);
      try (var row = statement.executeQuery()) {
        return row.next() && row.getBoolean("creatable");
      }
    }
  }
}
