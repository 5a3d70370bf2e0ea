package io.tidemark.executor.catalog;

/** A cast that an assignment makes by itself, by type OIDs of one database. */
public record Cast(int from, int to) {}
