package io.tidemark.suite.simulation.home;

/**
 * A row of {@code tidemark.delta_<id>}.
 *
 * @param value 0: a delete
 * @param snapshot the source snapshot that it was found in; not a column, for the invariants
 */
public record Difference(long seq, int vnode, char op, int key, int value, int snapshot) {}
