/** Progress over WebSockets: a snapshot, then deltas, then an end. */
@NullMarked
package io.tidemark.frontend.progress;

import org.jspecify.annotations.NullMarked;
