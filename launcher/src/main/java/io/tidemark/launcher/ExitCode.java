package io.tidemark.launcher;

import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.refresh.RefreshState;

/** How a command ends; the same for all of them. */
public final class ExitCode {
  /** Done. */
  public static final int DONE = 0;

  /** Failed. */
  public static final int FAILED = 1;

  /** Wrong usage or configuration: the same command will fail again. */
  public static final int USAGE = 2;

  /** A refresh waits for a person to approve or reject it. */
  public static final int AWAITING_APPROVAL = 3;

  /** Interrupted; what is merged is safe, and the same command goes on with it. */
  public static final int RESUMABLE = 4;

  /** For the help of each command. */
  public static final String HELP_HEADING = "%nExit codes:%n";

  private ExitCode() {}

  /** Of an error outside of a refresh. */
  public static int of(ErrorReport error) {
    return switch (error.code()) {
      case HOME_UNREACHABLE, SOURCE_UNREACHABLE, ALREADY_LED, NOT_FOUND -> USAGE;
      default ->
          switch (error.category()) {
            case CONFIG -> USAGE;
            case SOURCE, HOME, GUARD, CONFLICT, INTERNAL -> FAILED;
          };
    };
  }

  /** Of a refresh that stopped in this state. */
  public static int of(RefreshState state) {
    return switch (state) {
      case SUCCEEDED -> DONE;
      case AWAITING_APPROVAL -> AWAITING_APPROVAL;
      case REFRESHING, FINISHING -> RESUMABLE;
      case FAILED, CANCELLED, REJECTED -> FAILED;
    };
  }
}
