package io.tidemark.launcher.sync;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RefreshView;
import io.tidemark.launcher.ExitCode;
import java.util.Optional;

/** How it went with one table. */
sealed interface TableOutcome {
  int exitCode();

  /** What {@code --json} prints. */
  Object json();

  /**
   * The refresh ended, or waits for a person.
   *
   * @param wanted the state that was asked for
   */
  record Rested(RefreshView view, RefreshState wanted) implements TableOutcome {
    @Override
    public int exitCode() {
      return view.state() == wanted ? ExitCode.DONE : ExitCode.of(view.state());
    }

    @Override
    public Object json() {
      return view;
    }
  }

  /** There is no refresh. */
  record Refused(ErrorReport error) implements TableOutcome {
    @Override
    public int exitCode() {
      return switch (error.code()) {
        case HOME_UNREACHABLE -> ExitCode.RESUMABLE;
        case ILLEGAL_STATE -> ExitCode.USAGE;
        default -> ExitCode.of(error);
      };
    }

    @Override
    public Object json() {
      return error;
    }
  }

  /**
   * A signal came: it goes on when it is asked for again.
   *
   * @param wanted the state that was asked for
   * @param view empty where it was not begun
   */
  record Interrupted(String table, RefreshState wanted, Optional<RefreshView> view)
      implements TableOutcome {
    @Override
    public int exitCode() {
      return ExitCode.RESUMABLE;
    }

    @Override
    public Object json() {
      return view.<Object>map(seen -> seen)
          .orElseGet(
              () ->
                  ErrorReport.of(
                          ErrorCode.ILLEGAL_STATE, "table " + table + " was not begun: interrupted")
                      .withHint("Run the same command again."));
    }
  }
}
