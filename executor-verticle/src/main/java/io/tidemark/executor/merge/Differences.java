package io.tidemark.executor.merge;

/** Takes the differences that a merge finds, in key order: the row at hand of one of its sides. */
public interface Differences {
  /** Only the source has this row. */
  void insert(Rows source);

  /** Both have this key, with different values. */
  void update(Rows source);

  /** Only the target has this row: the source has passed its key, or has ended cleanly. */
  void delete(Rows target);
}
