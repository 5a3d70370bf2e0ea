package io.tidemark.executor.catalog;

/**
 * A column's type, and what is left of it when its domains are unwrapped.
 *
 * @param typmod of the declared type, -1: none
 * @param sql the declared type as SQL writes it, qualified, with modifier
 * @param base the declared type, or what its domains are over
 * @param baseTypmod modifier of the base, -1: none
 * @param baseSql the base with its modifier as SQL writes it
 * @param unlimitedSql the base without modifier as SQL writes it
 * @param domainNotNull whether a domain on the way says NOT NULL
 * @param domainDefault whether a domain on the way has a default
 */
public record ColumnType(
    Type declared,
    int typmod,
    String sql,
    Type base,
    int baseTypmod,
    String baseSql,
    String unlimitedSql,
    boolean domainNotNull,
    boolean domainDefault) {
  /** Whether values have a binary form that means the same in every Postgres. */
  public boolean binary() {
    return base.builtIn() && base.sends() && base.kind() == 'b' && !base.name().startsWith("reg");
  }
}
