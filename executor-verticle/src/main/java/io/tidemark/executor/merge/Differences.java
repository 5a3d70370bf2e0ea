package io.tidemark.executor.merge;

/** Takes the differences that a merge finds, in key order. Rows must not be changed by it. */
public interface Differences {
  /** Only the source has this row. */
  void insert(byte[] sourceRow);

  /** Both have this key, with different values. */
  void update(byte[] sourceRow);

  /** Only the target has this row: the source has passed its key, or has ended cleanly. */
  void delete(byte[] targetRow);
}
