package io.tidemark.common.refresh;

/**
 * VNodes of a refresh.
 *
 * @param total how many the plan made
 * @param completed how many are merged completely
 * @param skipped how many were already completed when the refresh was last recovered
 */
public record VNodeCounts(int total, int completed, int skipped) {
  public static final VNodeCounts NONE = new VNodeCounts(0, 0, 0);
}
