/** The operations of the contract, grouped as their paths are. */
@NullMarked
package io.tidemark.frontend.api;

import org.jspecify.annotations.NullMarked;
