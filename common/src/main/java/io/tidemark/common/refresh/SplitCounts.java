package io.tidemark.common.refresh;

/**
 * Splits of a refresh, the pieces of its source that are loaded into staging; none where the source
 * is read in key order.
 *
 * @param total how many the plan made
 * @param completed how many are loaded completely
 * @param skipped how many were already loaded when this refresh was last recovered
 */
public record SplitCounts(int total, int completed, int skipped) {
  public static final SplitCounts NONE = new SplitCounts(0, 0, 0);
}
