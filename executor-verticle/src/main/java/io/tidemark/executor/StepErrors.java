package io.tidemark.executor;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.executor.lane.Side;
import io.tidemark.executor.merge.ConnectionLoss;
import io.tidemark.executor.plan.OutdatedPlan;
import java.sql.SQLException;

/** What planning and finishing say when Postgres refuses or stays away. */
final class StepErrors {
  private StepErrors() {}

  /**
   * @param planned whether it worked by a plan, which may have become outdated
   */
  static ErrorReport of(SQLException error, boolean planned) {
    var state = error.getSQLState() == null ? "08000" : error.getSQLState();
    var side = error instanceof Side.Broken broken ? broken.side() : Side.HOME;
    var message =
        (error.getMessage() == null ? error.toString() : error.getMessage())
            .replaceAll("\\s*\\R\\s*", "; ");
    if (state.startsWith("28") || state.equals("3D000")) {
      return ErrorReport.of(ErrorCode.CREDENTIALS_REFUSED, side.words() + " refused: " + message);
    }
    if (ConnectionLoss.isIn(error) && !ConnectionLoss.isDiskFull(error)) {
      return ErrorReport.of(side.unreachable(), side.words() + " did not answer: " + message);
    }
    if (planned && OutdatedPlan.shows(error)) {
      return ErrorReport.of(
          ErrorCode.PLAN_OUTDATED, side.words() + " has changed since it was planned: " + message);
    }
    if (side == Side.SOURCE) {
      return ErrorReport.of(ErrorCode.SOURCE_FAILED, "the source refused: " + message);
    }
    if (state.startsWith("22") || state.startsWith("23")) {
      return ErrorReport.of(ErrorCode.ROW_REFUSED, "the target refused a change: " + message);
    }
    if (state.equals("42P07")) {
      return ErrorReport.of(
          ErrorCode.TARGET_CHANGED, "the target appeared while it was loaded: " + message);
    }
    return ErrorReport.of(ErrorCode.HOME_FAILED, side.words() + " refused: " + message);
  }
}
