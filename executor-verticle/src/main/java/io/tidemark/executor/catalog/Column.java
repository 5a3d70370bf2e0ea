package io.tidemark.executor.catalog;

import java.util.Optional;

/**
 * A column of a relation.
 *
 * @param number {@code attnum}
 * @param declaredNotNull by the column itself, not only by its domain
 * @param hasDefault its own, its domain's, or by identity
 * @param collation where its type has collations
 * @param readable whether this user may select it
 */
public record Column(
    int number,
    String name,
    ColumnType type,
    boolean declaredNotNull,
    boolean generated,
    Identity identity,
    boolean hasDefault,
    Optional<Collation> collation,
    boolean readable) {
  public boolean notNull() {
    return declaredNotNull || type.domainNotNull();
  }

  /** GENERATED … AS IDENTITY. */
  public enum Identity {
    NONE,
    ALWAYS,
    BY_DEFAULT
  }

  /**
   * A column's collation.
   *
   * @param explicit not what a column of this type gets where nothing is said
   * @param deterministic whether texts that it calls equal have equal bytes
   * @param byteOrder orders by bytes, so in UTF-8 the same in every Postgres
   */
  public record Collation(
      String schema, String name, boolean explicit, boolean byteOrder, boolean deterministic) {}
}
