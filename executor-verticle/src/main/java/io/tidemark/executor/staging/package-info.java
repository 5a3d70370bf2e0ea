/** Rows of a source that is read in splits: loaded into the home, made ready there, compared. */
@NullMarked
package io.tidemark.executor.staging;

import org.jspecify.annotations.NullMarked;
