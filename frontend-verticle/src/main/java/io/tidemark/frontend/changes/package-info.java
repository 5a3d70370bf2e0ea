/**
 * The change feed: pages that successful refreshes left behind, as NDJSON or as server-sent events.
 */
@NullMarked
package io.tidemark.frontend.changes;

import org.jspecify.annotations.NullMarked;
