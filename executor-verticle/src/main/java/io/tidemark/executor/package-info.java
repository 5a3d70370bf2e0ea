/** The executor role: it reads sources, compares, and writes what differs. */
@NullMarked
package io.tidemark.executor;

import org.jspecify.annotations.NullMarked;
