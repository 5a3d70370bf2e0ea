/**
 * Sources that are read in splits and staged: one small interface, a package for each connector.
 */
@NullMarked
package io.tidemark.executor.source;

import org.jspecify.annotations.NullMarked;
