/** What {@code pg_catalog} says about a source or a target, read in a few statements. */
@NullMarked
package io.tidemark.executor.catalog;

import org.jspecify.annotations.NullMarked;
