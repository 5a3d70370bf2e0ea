/** Leads: barriers, lifecycle, recovery, guard. */
@NullMarked
package io.tidemark.meta;

import org.jspecify.annotations.NullMarked;
