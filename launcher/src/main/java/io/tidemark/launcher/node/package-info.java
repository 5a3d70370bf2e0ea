/** A node: its home, and the roles that run on it. */
@NullMarked
package io.tidemark.launcher.node;

import org.jspecify.annotations.NullMarked;
