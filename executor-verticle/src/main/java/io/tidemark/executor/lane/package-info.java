/** Streams of work: claim a VNode, merge it, checkpoint, go on. */
@NullMarked
package io.tidemark.executor.lane;

import org.jspecify.annotations.NullMarked;
