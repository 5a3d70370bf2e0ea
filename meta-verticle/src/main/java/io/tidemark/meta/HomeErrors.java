package io.tidemark.meta;

import io.tidemark.common.bus.CommandReply;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.vertx.pgclient.PgException;

/** What a leader answers where the home did not do as it was asked. */
final class HomeErrors {
  private HomeErrors() {}

  static CommandReply refused(Throwable error) {
    return new CommandReply.Refused(report(error), null);
  }

  private static ErrorReport report(Throwable error) {
    return switch (error) {
      case TidemarkException known -> known.report();
      case PgException refused ->
          ErrorReport.of(
              ErrorCode.HOME_FAILED, "the home Postgres refused: " + refused.getMessage());
      default ->
          ErrorReport.of(
              ErrorCode.HOME_UNREACHABLE,
              "the home Postgres did not answer: " + error.getMessage());
    };
  }
}
