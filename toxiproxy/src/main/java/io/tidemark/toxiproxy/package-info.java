/**
 * TCP proxies that are slow, break or lie, on command: {@link io.tidemark.toxiproxy.Proxies} for
 * programs, {@link io.tidemark.toxiproxy.Link} for tests of one connection.
 */
@NullMarked
package io.tidemark.toxiproxy;

import org.jspecify.annotations.NullMarked;
