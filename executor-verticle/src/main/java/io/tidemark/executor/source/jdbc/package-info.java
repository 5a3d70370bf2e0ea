/**
 * Tables and queries of any database that has a JDBC driver. Databases differ in what {@link
 * io.tidemark.executor.source.jdbc.Dialect} says and in how their values are read; {@code
 * docs/connectors/jdbc.md} is the account for users.
 */
@NullMarked
package io.tidemark.executor.source.jdbc;

import org.jspecify.annotations.NullMarked;
