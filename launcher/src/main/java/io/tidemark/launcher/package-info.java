/** The {@code tidemark} command: reads the command line and assembles a node. */
@NullMarked
package io.tidemark.launcher;

import org.jspecify.annotations.NullMarked;
