/** What must always hold (DESIGN §7), one class each, looked at after every event. */
@NullMarked
package io.tidemark.suite.simulation.invariant;

import org.jspecify.annotations.NullMarked;
