package io.tidemark.common.bus;

/**
 * A hint: the cluster does not see this node any more. It may live, and be cut off or paused.
 *
 * @param node its id, which is also that of its executor
 */
public record NodeLeft(String node) {}
