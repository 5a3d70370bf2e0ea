package io.tidemark.executor;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import java.sql.SQLException;

/** What planning and finishing say when Postgres refuses or stays away. */
final class StepErrors {
  private StepErrors() {}

  static ErrorReport of(SQLException error) {
    var state = error.getSQLState() == null ? "08000" : error.getSQLState();
    var message =
        (error.getMessage() == null ? error.toString() : error.getMessage())
            .replaceAll("\\s*\\R\\s*", "; ");
    if (state.startsWith("08") || state.startsWith("57") || state.startsWith("53")) {
      return ErrorReport.of(ErrorCode.HOME_UNREACHABLE, "Postgres did not answer: " + message);
    }
    if (state.startsWith("22") || state.startsWith("23")) {
      return ErrorReport.of(ErrorCode.ROW_REFUSED, "the target refused a change: " + message);
    }
    if (state.equals("42P07")) {
      return ErrorReport.of(
          ErrorCode.TARGET_CHANGED, "the target appeared while it was loaded: " + message);
    }
    return ErrorReport.of(ErrorCode.HOME_FAILED, "Postgres refused: " + message);
  }
}
