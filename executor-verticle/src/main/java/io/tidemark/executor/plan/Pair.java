package io.tidemark.executor.plan;

import io.tidemark.executor.catalog.Column;
import io.tidemark.executor.catalog.ColumnType;

/**
 * A column on both sides.
 *
 * @param target its type in the home
 * @param targetSql that type as SQL writes it, with collation where it is not what would be anyway
 * @param targetByteOrder whether the target's collation orders by bytes
 */
record Pair(Column source, ColumnType target, String targetSql, boolean targetByteOrder) {
  String name() {
    return source.name();
  }

  boolean sourceByteOrder() {
    return source.collation().map(Column.Collation::byteOrder).orElse(false);
  }
}
