package io.tidemark.executor.lane;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.executor.merge.ConnectionLoss;
import io.tidemark.executor.plan.OutdatedPlan;
import java.sql.SQLException;
import java.time.Duration;

/** What a lane says when it cannot go on. */
final class LaneErrors {
  private LaneErrors() {}

  /** A server stayed away, or had no room for as long. */
  static ErrorReport unreachable(Side side, SQLException error, Duration triedFor) {
    if (ConnectionLoss.isDiskFull(error)) {
      return refused(side, error);
    }
    return ErrorReport.of(
        side.unreachable(),
        "%s did not answer for %d s: %s"
            .formatted(side.words(), triedFor.toSeconds(), oneLine(error)));
  }

  /** A server answered no. */
  static ErrorReport refused(Side side, SQLException error) {
    return ErrorReport.of(
        code(side, error), "%s refused: %s".formatted(side.words(), oneLine(error)));
  }

  private static ErrorCode code(Side side, SQLException error) {
    var state = error.getSQLState() == null ? "" : error.getSQLState();
    if (state.startsWith("28")) {
      return ErrorCode.CREDENTIALS_REFUSED;
    }
    if (OutdatedPlan.shows(error)) {
      return ErrorCode.PLAN_OUTDATED;
    }
    return switch (side) {
      case SOURCE -> ErrorCode.SOURCE_FAILED;
      // Data exceptions and violated constraints are the row's fault, not the server's.
      case HOME ->
          state.startsWith("22") || state.startsWith("23")
              ? ErrorCode.ROW_REFUSED
              : ErrorCode.HOME_FAILED;
    };
  }

  private static String oneLine(SQLException error) {
    var message = error.getMessage() == null ? error.toString() : error.getMessage();
    return message.replaceAll("\\s*\\R\\s*", "; ");
  }
}
