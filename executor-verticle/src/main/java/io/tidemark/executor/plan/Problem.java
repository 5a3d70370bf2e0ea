package io.tidemark.executor.plan;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;

/**
 * Something in a table's definition that does not fit the source or the home.
 *
 * @param field of the definition that it is about: source.table, key, target…
 */
public record Problem(String field, ErrorReport report) {
  static Problem of(ErrorCode code, String field, String message) {
    return new Problem(field, ErrorReport.of(code, message));
  }

  static Problem of(ErrorCode code, String field, String message, String hint) {
    return new Problem(field, ErrorReport.of(code, message).withHint(hint));
  }
}
