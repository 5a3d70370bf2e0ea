/** A refresh without a server: lead, refresh the named tables, leave. */
@NullMarked
package io.tidemark.launcher.sync;

import org.jspecify.annotations.NullMarked;
