package io.tidemark.executor.catalog;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * How large a relation is.
 *
 * @param sampled whether TABLESAMPLE works on it
 * @param pages of it and its partitions, 0 where it has no storage
 * @param rows the server's estimate, not positive where it has none
 */
public record RelationSize(boolean sampled, long pages, double rows) {
  /** By pg_class_oid_index and pg_inherits_parent_index. */
  private static final String SIZE =
      """
      SELECT c.relkind IN ('r', 'p', 'm') AS sampled,
             coalesce(sum(pg_relation_size(l.oid)) / current_setting('block_size')::int, 0)
               AS pages,
             CASE WHEN min(l.reltuples) < 0 THEN -1 ELSE coalesce(sum(l.reltuples), -1) END
               AS tuples
      FROM pg_class c
      LEFT JOIN (
        SELECT l.oid, l.reltuples FROM pg_class l
        WHERE l.oid IN (SELECT relid FROM pg_partition_tree(?::regclass)
                        UNION ALL SELECT ?::regclass)
          AND l.relkind IN ('r', 'm')) l ON true
      WHERE c.oid = ?::regclass
      GROUP BY c.relkind
      """;

  private static final int MENTIONS = 3;

  /**
   * Reads it.
   *
   * @param relation quoted, schema-qualified
   */
  public static RelationSize of(Connection connection, String relation) throws SQLException {
    try (var statement = connection.prepareStatement(SIZE)) {
      for (var i = 1; i <= MENTIONS; i++) {
        statement.setString(i, relation);
      }
      try (var row = statement.executeQuery()) {
        if (!row.next()) {
          throw new SQLException("relation " + relation + " is gone", "42P01");
        }
        return new RelationSize(
            row.getBoolean("sampled"), row.getLong("pages"), row.getDouble("tuples"));
      }
    }
  }
}
