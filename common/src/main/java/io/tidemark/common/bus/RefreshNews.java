package io.tidemark.common.bus;

/**
 * A hint: something about this refresh changed in Postgres (requested, planned, merged, finished).
 * Losing it costs at most one barrier interval.
 */
public record RefreshNews(long refreshId) {}
