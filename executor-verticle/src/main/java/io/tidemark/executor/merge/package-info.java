/** Two streams of rows in key order become differences. Pure but for the reading. */
@NullMarked
package io.tidemark.executor.merge;

import org.jspecify.annotations.NullMarked;
