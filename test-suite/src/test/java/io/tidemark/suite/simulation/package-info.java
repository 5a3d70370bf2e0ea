/**
 * Whole clusters in memory, from a seed: the cores of leader and executor as they are, and models
 * of what lies around them (shells, bus, home Postgres, sources), with faults. One thread, one
 * clock, one source of chance, so that a seed replays exactly.
 */
@NullMarked
package io.tidemark.suite.simulation;

import org.jspecify.annotations.NullMarked;
