package io.tidemark.executor.catalog;

import java.util.List;

/**
 * A valid index.
 *
 * @param columns its key columns in order; what is an expression is left out
 * @param immediate not deferrable
 * @param ordered a btree that runs the same way in all of its columns
 */
public record Index(
    String name,
    List<String> columns,
    boolean primary,
    boolean unique,
    boolean exclusion,
    boolean immediate,
    boolean partial,
    boolean expression,
    boolean ordered) {
  public Index {
    columns = List.copyOf(columns);
  }

  public boolean constrains() {
    return unique || exclusion;
  }
}
