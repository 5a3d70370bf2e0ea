/**
 * Moves bytes: listeners, connections, and the chains of toxics that each direction goes through.
 */
@NullMarked
package io.tidemark.toxiproxy.engine;

import org.jspecify.annotations.NullMarked;
