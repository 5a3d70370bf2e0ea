/** Tables and views of another Postgres, read in the order in which they lie. */
@NullMarked
package io.tidemark.executor.source.postgres;

import org.jspecify.annotations.NullMarked;
