package io.tidemark.common.error;

import org.jspecify.annotations.Nullable;

/** The one exception that crosses a boundary of Tidemark; it carries the report that is shown. */
public final class TidemarkException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient ErrorReport report;

  public TidemarkException(ErrorReport report, @Nullable Throwable cause) {
    super(report.message(), cause);
    this.report = report;
  }

  public TidemarkException(ErrorReport report) {
    this(report, null);
  }

  public TidemarkException(ErrorCode code, String message) {
    this(ErrorReport.of(code, message), null);
  }

  public TidemarkException(ErrorCode code, String message, @Nullable Throwable cause) {
    this(ErrorReport.of(code, message), cause);
  }

  public ErrorReport report() {
    return report;
  }

  public ErrorCode code() {
    return report.code();
  }
}
