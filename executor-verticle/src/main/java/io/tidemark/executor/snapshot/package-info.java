/** One consistent view of the source for everybody who reads it. */
@NullMarked
package io.tidemark.executor.snapshot;

import org.jspecify.annotations.NullMarked;
