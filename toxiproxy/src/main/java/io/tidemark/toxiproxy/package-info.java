/** Network links that break on demand: a TCP proxy for tests of what survives a bad network. */
@NullMarked
package io.tidemark.toxiproxy;

import org.jspecify.annotations.NullMarked;
