package io.tidemark.common.home;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One VNode's slice of the key order: {@code (lower, upper]}.
 *
 * @param lower exclusive, as text by key column; null: open-ended
 * @param upper inclusive, likewise
 * @param rowsPlanned how many source rows it is expected to hold
 */
public record VNodeRange(
    int vnode, @Nullable List<String> lower, @Nullable List<String> upper, long rowsPlanned) {}
