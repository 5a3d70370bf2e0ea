/**
 * Commands that talk to a server: they ask over HTTP, watch over a WebSocket, and hold no state of
 * their own.
 */
@NullMarked
package io.tidemark.launcher.client;

import org.jspecify.annotations.NullMarked;
