package io.tidemark.meta.core;

/**
 * How far a staged source is loaded.
 *
 * @param staged whether the source is read in splits at all
 * @param total splits that the plan made; none: the source is empty
 * @param completed those of them that are loaded and durable
 * @param finished whether staging is ready to be merged
 */
public record Loading(boolean staged, int total, int completed, boolean finished) {
  /** Of a source that is read in key order. */
  public static final Loading NONE = new Loading(false, 0, 0, false);

  /** Whether all that is to be loaded is durable. */
  public boolean complete() {
    return staged && completed == total;
  }

  /** Whether VNodes may be merged. */
  public boolean mergeable() {
    return !staged || finished;
  }
}
