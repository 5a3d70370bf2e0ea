package io.tidemark.executor.catalog;

/**
 * A database and the server it is in.
 *
 * @param version as {@code server_version_num}: 150018
 * @param identity the same for two connections to the same database of the same running server
 * @param encoding of the database: UTF8
 * @param defaultCollation its name as the database shows it: en_US.utf8
 * @param defaultByteOrder whether that collation orders by bytes
 */
public record Server(
    int version,
    String identity,
    String encoding,
    String defaultCollation,
    boolean defaultByteOrder) {
  public boolean utf8() {
    return "UTF8".equals(encoding);
  }
}
