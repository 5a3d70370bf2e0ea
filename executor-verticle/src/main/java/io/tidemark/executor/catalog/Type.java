package io.tidemark.executor.catalog;

/**
 * A type of one database.
 *
 * @param name of the type; of an array: of its element
 * @param schema likewise
 * @param kind {@code typtype}: b base, c composite, d domain, e enum, r range, m multirange
 * @param category {@code typcategory}: S string, A array, …
 * @param sends whether it has a binary form
 * @param elementOid of an array, 0 where it is none
 */
public record Type(
    int oid,
    String schema,
    String name,
    char kind,
    char category,
    boolean sends,
    int elementOid,
    char elementKind) {
  /** Below it, OIDs are assigned by hand and mean the same in every Postgres. */
  private static final int FIRST_UNSTABLE_OID = 10_000;

  public boolean array() {
    return elementOid != 0;
  }

  /** Whether its OID means the same type in every Postgres. */
  public boolean builtIn() {
    return oid < FIRST_UNSTABLE_OID;
  }

  /** What names it in every database. */
  public TypeName typeName() {
    return new TypeName(schema, name, array());
  }

  /**
   * A type by name.
   *
   * @param array the array of the named type, rather than the type itself
   */
  public record TypeName(String schema, String name, boolean array) {}
}
