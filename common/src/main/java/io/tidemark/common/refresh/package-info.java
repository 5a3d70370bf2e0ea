/** The vocabulary of a refresh: states, stages, counters, and the view that every face shows. */
@NullMarked
package io.tidemark.common.refresh;

import org.jspecify.annotations.NullMarked;
