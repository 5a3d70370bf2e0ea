/**
 * What an executor decides: pure functions over records, as {@code (state, event) → (state,
 * effects)}. No clock, no I/O, no Vert.x. Three of them, one inside the other: {@link
 * io.tidemark.executor.core.ExecutorProtocol} for a node, {@link
 * io.tidemark.executor.core.MaterializeProtocol} for one refresh on it, {@link
 * io.tidemark.executor.core.LaneProtocol} for one lane of that.
 */
@NullMarked
package io.tidemark.executor.core;

import org.jspecify.annotations.NullMarked;
