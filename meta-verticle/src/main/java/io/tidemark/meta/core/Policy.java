package io.tidemark.meta.core;

import io.tidemark.common.config.GuardPolicy;
import java.util.OptionalLong;

/**
 * What a table's definition says that matters to its leader.
 *
 * @param timeoutMillis time of work after which a refresh ends FAILED
 * @param rowsPerSecond limit on rows read, over all executors
 */
public record Policy(GuardPolicy guard, OptionalLong timeoutMillis, OptionalLong rowsPerSecond) {}
