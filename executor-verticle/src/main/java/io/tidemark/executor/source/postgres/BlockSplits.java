package io.tidemark.executor.source.postgres;

import io.tidemark.common.home.SqlName;
import io.tidemark.executor.catalog.Catalog;
import io.tidemark.executor.catalog.Relation;
import io.tidemark.executor.source.Split;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Cuts a relation of the source into ranges of blocks, which together hold every row once. */
final class BlockSplits {
  /** Of a split, at least: 32 MiB in blocks of 8 KiB. */
  private static final long MIN_BLOCKS = 4_096;

  /** Splits of one heap, at most. */
  private static final long MAX_SPLITS = 1_024;

  /** From this version on a range of ctid reads no more than its blocks. */
  private static final int RANGE_SCANS = 140_000;

  /**
   * The relation and all that is read with it: partitions, heirs. By pg_inherits_parent_index and
   * pg_class_oid_index.
   */
  private static final String HEAPS =
      """
      WITH RECURSIVE tree(oid) AS (
        SELECT ?::bigint::oid
        UNION
        SELECT i.inhrelid FROM tree t JOIN pg_inherits i ON i.inhparent = t.oid)
      SELECT n.nspname, c.relname, c.reltuples,
             c.relkind IN ('r', 'm') AND m.amname = 'heap'
               AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
               AS heap,
             CASE WHEN c.relkind IN ('r', 'm') THEN pg_relation_size(c.oid) ELSE 0 END AS bytes,
             current_setting('block_size')::int AS block_size
      FROM tree t
      JOIN pg_class c ON c.oid = t.oid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_am m ON m.oid = c.relam
      WHERE c.relkind <> 'p'
      ORDER BY n.nspname, c.relname
      """;

  private BlockSplits() {}

  /** Of a relation without heaps, or with one that cannot be read by itself, there is one. */
  static List<Split> of(Connection source, Relation relation) throws SQLException {
    var splits = new ArrayList<Split>();
    try (var statement = source.prepareStatement(HEAPS)) {
      statement.setLong(1, Integer.toUnsignedLong(relation.oid()));
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          if (!rows.getBoolean("heap")) {
            return List.of(whole(relation));
          }
          heap(splits, rows, new Catalog(source).server().version() >= RANGE_SCANS);
        }
      }
    }
    return splits;
  }

  private static Split whole(Relation relation) {
    return new Split(
        0,
        relation.name().toString(),
        new Blocks(relation.name().quoted(), false, 0, Optional.empty()).spec(),
        Math.round(Math.max(0, relation.tuples())),
        0);
  }

  private static void heap(List<Split> splits, ResultSet row, boolean ranges) throws SQLException {
    var name = SqlName.quote(row.getString("nspname"), row.getString("relname"));
    var bytes = row.getLong("bytes");
    var blocks = bytes / row.getInt("block_size");
    var each = Math.max(MIN_BLOCKS, Math.ceilDiv(blocks, MAX_SPLITS));
    var pieces = ranges ? Math.max(1, Math.ceilDiv(blocks, each)) : 1;
    for (var piece = 0L; piece < pieces; piece++) {
      var last = piece == pieces - 1;
      var from = piece * each;
      var range = new Blocks(name, true, from, last ? Optional.empty() : Optional.of(from + each));
      splits.add(
          new Split(
              splits.size(),
              "%s, blocks from %d".formatted(name, from),
              range.spec(),
              Math.round(Math.max(0, row.getDouble("reltuples")) / pieces),
              bytes / pieces));
    }
  }
}
