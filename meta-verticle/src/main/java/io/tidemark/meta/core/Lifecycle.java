package io.tidemark.meta.core;

import io.tidemark.common.bus.Command;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.refresh.RefreshState;

/** What a person may ask of a refresh in each of its states. */
public final class Lifecycle {
  private Lifecycle() {}

  /** What a command does to a refresh, or why not. */
  public sealed interface Answer {
    /** It goes to another state; from an end state on nobody may write for it. */
    record Go(RefreshState to) implements Answer {}

    /** It stops reading, or goes on. */
    record Hold(boolean paused) implements Answer {}

    /** It is so already. */
    record Already() implements Answer {}

    /** It cannot be. */
    record Refuse(ErrorReport error) implements Answer {}
  }

  /**
   * Decides.
   *
   * @param state of the refresh that the command names
   */
  public static Answer answer(Command command, RefreshState state, boolean paused) {
    return switch (command) {
      case Command.Approve approve ->
          switch (state) {
            case AWAITING_APPROVAL -> new Answer.Go(RefreshState.FINISHING);
            case FINISHING, SUCCEEDED -> refuse(approve.refreshId(), state, "approved");
            case REFRESHING, FAILED, CANCELLED, REJECTED ->
                refuse(approve.refreshId(), state, "approved");
          };
      case Command.Reject reject ->
          switch (state) {
            case AWAITING_APPROVAL -> new Answer.Go(RefreshState.REJECTED);
            case REJECTED -> new Answer.Already();
            case REFRESHING, FINISHING, SUCCEEDED, FAILED, CANCELLED ->
                refuse(reject.refreshId(), state, "rejected");
          };
      case Command.Cancel cancel ->
          switch (state) {
            // From FAILED too: it gives up what a next request would go on with.
            case REFRESHING, AWAITING_APPROVAL, FINISHING, FAILED ->
                new Answer.Go(RefreshState.CANCELLED);
            case CANCELLED -> new Answer.Already();
            case SUCCEEDED, REJECTED -> refuse(cancel.refreshId(), state, "cancelled");
          };
      case Command.Pause pause -> hold(pause.refreshId(), state, paused, true);
      case Command.Resume resume -> hold(resume.refreshId(), state, paused, false);
      case Command.Request request ->
          throw new IllegalArgumentException("a request is for a table, not for a refresh");
    };
  }

  private static Answer hold(long id, RefreshState state, boolean paused, boolean wanted) {
    if (!state.active()) {
      return refuse(id, state, wanted ? "paused" : "resumed");
    }
    return paused == wanted ? new Answer.Already() : new Answer.Hold(wanted);
  }

  private static Answer refuse(long id, RefreshState state, String done) {
    return new Answer.Refuse(
        ErrorReport.of(
            ErrorCode.ILLEGAL_STATE,
            "refresh %d is %s and cannot be %s".formatted(id, state, done)));
  }
}
