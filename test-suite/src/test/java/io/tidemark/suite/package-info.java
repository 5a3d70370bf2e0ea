/** Whole-system tests: real processes, real databases, real signals. */
@NullMarked
package io.tidemark.suite;

import org.jspecify.annotations.NullMarked;
