package io.tidemark.meta.core;

import io.tidemark.common.config.GuardPolicy;
import io.tidemark.common.error.ErrorReport;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a table's definition says that matters to its leader.
 *
 * @param timeoutMillis time of work after which a refresh ends FAILED
 * @param rowsPerSecond limit on rows read, over all executors
 * @param unreadable why the definition cannot be read here; then the rest means nothing
 */
public record Policy(
    GuardPolicy guard,
    OptionalLong timeoutMillis,
    OptionalLong rowsPerSecond,
    Optional<ErrorReport> unreadable) {
  public Policy(GuardPolicy guard, OptionalLong timeoutMillis, OptionalLong rowsPerSecond) {
    this(guard, timeoutMillis, rowsPerSecond, Optional.empty());
  }

  /** Of a definition that cannot be read here. */
  public static Policy unreadable(ErrorReport why) {
    return new Policy(
        GuardPolicy.DEFAULT, OptionalLong.empty(), OptionalLong.empty(), Optional.of(why));
  }
}
