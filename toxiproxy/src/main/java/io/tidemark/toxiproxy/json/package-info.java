/** JSON as Go reads and writes it, since that is what clients of Toxiproxy see. */
@NullMarked
package io.tidemark.toxiproxy.json;

import org.jspecify.annotations.NullMarked;
