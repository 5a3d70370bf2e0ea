package io.tidemark.common.bus;

/** Asks the leader which executors it has heard of. */
public record ListExecutors() {}
