/** The faces of a node: HTTP API, WebSocket progress, health and metrics. */
@NullMarked
package io.tidemark.frontend;

import org.jspecify.annotations.NullMarked;
