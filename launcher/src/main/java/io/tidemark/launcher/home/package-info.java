/** A home without a server of one's own: an embedded Postgres whose data stay in a folder. */
@NullMarked
package io.tidemark.launcher.home;

import org.jspecify.annotations.NullMarked;
