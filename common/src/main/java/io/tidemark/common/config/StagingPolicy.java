package io.tidemark.common.config;

/**
 * What a staged refresh does with rows and columns that do not fit.
 *
 * @param onDuplicate where several rows of the source have one key
 * @param onNullKey where a row lacks a value in a key column
 * @param schemaChange where the source has columns that the target lacks
 * @param onBadRow where the home cannot read a row
 * @param maxBadRows how many rows of one refresh may be put in quarantine
 */
public record StagingPolicy(
    OnDuplicate onDuplicate,
    OnNullKey onNullKey,
    SchemaChange schemaChange,
    OnBadRow onBadRow,
    long maxBadRows) {
  public static final long DEFAULT_MAX_BAD_ROWS = 100;
  public static final long LARGEST_MAX_BAD_ROWS = 1_000_000;

  public static final StagingPolicy DEFAULT =
      new StagingPolicy(
          OnDuplicate.FAIL, OnNullKey.FAIL, SchemaChange.FAIL, OnBadRow.FAIL, DEFAULT_MAX_BAD_ROWS);

  /** Which of several rows with one key counts. */
  public enum OnDuplicate {
    /** None: the refresh ends FAILED. */
    FAIL,
    /** That of the first split, and in it the first. */
    FIRST,
    /** That of the last split, and in it the last. */
    LAST
  }

  /** What becomes of a row without a key. */
  public enum OnNullKey {
    /** The refresh ends FAILED. */
    FAIL,
    /** It is left out, and counted. */
    SKIP
  }

  /**
   * What becomes of a column that the target lacks. One that the source has dropped, or whose type
   * it has changed, always ends the refresh before anything is read.
   */
  public enum SchemaChange {
    /** The refresh ends FAILED. */
    FAIL,
    /** The target gets it. */
    ADD_COLUMNS,
    /** It is not read. */
    IGNORE_NEW
  }

  /** What becomes of a row that the home cannot read. */
  public enum OnBadRow {
    /** The refresh ends FAILED. */
    FAIL,
    /** It goes to {@code tidemark.quarantine} with the reason. */
    QUARANTINE
  }
}
