/** Tidemark's own schema in the home Postgres, and every statement that touches it. */
@NullMarked
package io.tidemark.common.home;

import org.jspecify.annotations.NullMarked;
