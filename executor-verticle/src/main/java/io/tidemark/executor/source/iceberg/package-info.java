/**
 * Tables of Apache Iceberg, through its own Java library. {@code PinnedTable} is the snapshot that
 * a refresh reads, {@code ScanSplits} cuts it, {@code IcebergReader} reads a split with all deletes
 * taken out; {@code docs/connectors/iceberg.md} is the account for users.
 */
@NullMarked
package io.tidemark.executor.source.iceberg;

import org.jspecify.annotations.NullMarked;
