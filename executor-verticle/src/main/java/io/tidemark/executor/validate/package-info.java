/** Checks definitions against their sources and the home, before anything is stored or started. */
@NullMarked
package io.tidemark.executor.validate;

import org.jspecify.annotations.NullMarked;
