package io.tidemark.executor.catalog;

/**
 * A foreign key that references a relation.
 *
 * @param table that holds it, as SQL writes it
 * @param onDelete {@code NO ACTION}, {@code CASCADE}, …
 */
public record ForeignKey(String name, String table, String onDelete) {
  /** Whether deleting a referenced row changes other rows instead of being refused. */
  public boolean firesOnDelete() {
    return onDelete.equals("CASCADE") || onDelete.startsWith("SET ");
  }
}
