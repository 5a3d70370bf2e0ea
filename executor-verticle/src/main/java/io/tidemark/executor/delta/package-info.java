/** Where differences wait, and how they reach the target. */
@NullMarked
package io.tidemark.executor.delta;

import org.jspecify.annotations.NullMarked;
