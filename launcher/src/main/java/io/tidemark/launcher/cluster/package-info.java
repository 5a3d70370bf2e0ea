/** How the nodes of several processes become one event bus, and what that one says of them. */
@NullMarked
package io.tidemark.launcher.cluster;

import org.jspecify.annotations.NullMarked;
