package io.tidemark.common.refresh;

/** When readers of the target see a refresh's changes. */
public enum Visibility {
  /** All of it in one transaction, at FINISHING. */
  ATOMIC,
  /** Inserts and updates chunk by chunk as they are found; deletes at FINISHING. */
  PROGRESSIVE
}
