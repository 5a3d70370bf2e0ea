package io.tidemark.meta.core;

import io.tidemark.common.error.ErrorReport;
import java.util.Optional;

/**
 * What fails again and again in this attempt of a refresh.
 *
 * @param poisonous VNodes or, while it loads, splits that nobody claims any more, because they
 *     failed too often
 * @param failure of the first of them
 * @param workLosses executors that were lost while they planned or finished it
 */
public record Trouble(int poisonous, Optional<ErrorReport> failure, int workLosses) {
  public static final Trouble NONE = new Trouble(0, Optional.empty(), 0);
}
