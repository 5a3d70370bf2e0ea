package io.tidemark.common.bus;

import io.tidemark.common.refresh.RefreshView;

/** Where a refresh stands after an epoch was committed or its state changed. */
public record ProgressNews(RefreshView refresh) {}
