/**
 * What each toxic does to a stream of bytes: decisions only, without sockets, threads or a clock.
 */
@NullMarked
package io.tidemark.toxiproxy.toxic;

import org.jspecify.annotations.NullMarked;
