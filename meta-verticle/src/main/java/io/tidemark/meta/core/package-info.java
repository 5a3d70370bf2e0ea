/**
 * What a leader decides: pure functions over records. No clock, no I/O, no Vert.x; what happened
 * comes in as an {@link io.tidemark.meta.core.Event}, what is to be done goes out as an {@link
 * io.tidemark.meta.core.Effect}.
 */
@NullMarked
package io.tidemark.meta.core;

import org.jspecify.annotations.NullMarked;
