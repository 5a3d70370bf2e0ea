package io.tidemark.common.refresh;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Rows of a refresh or of one VNode.
 *
 * @param read rows read from the source
 * @param inserted rows only the source has
 * @param updated rows both have, with different values
 * @param deleted rows only the target has, and that go: 0 where the guard skips deletes
 */
public record RowCounts(long read, long inserted, long updated, long deleted) {
  public static final RowCounts ZERO = new RowCounts(0, 0, 0, 0);

  /**
   * Rows that both sides have, byte for byte equal. A progressive refresh that had to start again
   * counts a row that it changed in two snapshots as changed twice.
   */
  @JsonProperty
  public long unchanged() {
    return Math.max(0, read - inserted - updated);
  }

  /** Rows of the target that were compared. */
  public long targetRows() {
    return read - inserted + deleted;
  }

  /** Differences found. */
  public long changes() {
    return inserted + updated + deleted;
  }

  public RowCounts plus(RowCounts other) {
    return new RowCounts(
        read + other.read,
        inserted + other.inserted,
        updated + other.updated,
        deleted + other.deleted);
  }
}
