package io.tidemark.launcher.sync;

import io.tidemark.common.bus.Command;
import io.tidemark.common.bus.CommandReply;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.RefreshViews;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RefreshTrigger;
import io.tidemark.launcher.node.Node;
import io.tidemark.launcher.terminal.ProgressView;
import java.time.Duration;
import java.util.Optional;

/** Refreshes one table, or decides about a refresh of it that waits. */
final class TableSync {
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(30);

  private final Leader leader;
  private final RefreshViews views;
  private final RefreshWatch watch;
  private final ProgressView progress;
  private final boolean full;

  /**
   * @param full refreshes read their sources, whatever the targets hold
   */
  TableSync(
      Leader leader, RefreshViews views, RefreshWatch watch, ProgressView progress, boolean full) {
    this.leader = leader;
    this.views = views;
    this.watch = watch;
    this.progress = progress;
    this.full = full;
  }

  /** What to do with the table. */
  enum Wish {
    REFRESH,
    DRY_RUN,
    APPROVE,
    REJECT;

    /** Whether it is for the definition as it is now, not for a refresh that waits. */
    boolean refreshes() {
      return this == REFRESH || this == DRY_RUN;
    }

    /** How a refresh ends that this was done to. */
    RefreshState wanted() {
      return this == REJECT ? RefreshState.REJECTED : RefreshState.SUCCEEDED;
    }
  }

  /**
   * @param found what the home had of it before this process led: since then the leader may have
   *     brought it to its end
   */
  TableOutcome run(String table, Wish wish, Optional<Unfinished.Refresh> found) {
    return switch (wish) {
      case REFRESH, DRY_RUN ->
          found
              .filter(refresh -> !isGivenUp(refresh))
              .map(refresh -> goOn(refresh, wish))
              .filter(outcome -> !(full && readNothing(outcome)))
              .orElseGet(() -> request(table, wish == Wish.DRY_RUN));
      case APPROVE ->
          found
              .filter(Unfinished.Refresh::approved)
              .map(refresh -> resume(refresh, RefreshState.SUCCEEDED))
              .orElseGet(() -> decide(table, true));
      case REJECT -> decide(table, false);
    };
  }

  private TableOutcome request(String table, boolean dryRun) {
    return switch (leader.ask(new Command.Request(table, dryRun, full, RefreshTrigger.MANUAL))) {
      case CommandReply.Done done -> {
        if (done.resumed()) {
          sayResumed(done.refreshId());
        }
        yield watch.untilRest(table, done.refreshId(), RefreshState.SUCCEEDED);
      }
      // Asked for in the home's SQL since this process began.
      case CommandReply.Refused refused ->
          refused.runningId() == null
              ? new TableOutcome.Refused(refused.error())
              : watch.untilRest(table, refused.runningId(), RefreshState.SUCCEEDED);
    };
  }

  /** What an earlier run began need not have been asked to read whatever the target holds. */
  private static boolean readNothing(TableOutcome outcome) {
    return outcome instanceof TableOutcome.Rested rested && rested.view().unchanged() != null;
  }

  /** What the leader of this process gave up, because it began with another definition. */
  private boolean isGivenUp(Unfinished.Refresh found) {
    var why =
        Node.await(views.view(found.id()), READ_TIMEOUT)
            .filter(view -> view.state() == RefreshState.CANCELLED)
            .flatMap(view -> Optional.ofNullable(view.error()));
    why.ifPresent(
        error ->
            progress.note(
                "%s: refresh %d is %s; a new one begins"
                    .formatted(found.table(), found.id(), error.message())));
    return why.isPresent();
  }

  /** A refresh that an earlier run began. A dry run is only ever a look: it makes way. */
  private TableOutcome goOn(Unfinished.Refresh found, Wish wish) {
    var interruptedLook = found.isLook() && found.state() == RefreshState.REFRESHING;
    if (!found.isLook() || (interruptedLook && wish == Wish.DRY_RUN)) {
      return resume(found, RefreshState.SUCCEEDED);
    }
    progress.note(
        "%s: the dry run that %s (refresh %d) is discarded"
            .formatted(found.table(), interruptedLook ? "was interrupted" : "waits", found.id()));
    var discard = interruptedLook ? new Command.Cancel(found.id()) : new Command.Reject(found.id());
    return leader.ask(discard) instanceof CommandReply.Refused refused
        ? new TableOutcome.Refused(refused.error())
        : request(found.table(), wish == Wish.DRY_RUN);
  }

  private TableOutcome resume(Unfinished.Refresh found, RefreshState wanted) {
    if (found.paused()
        && leader.ask(new Command.Resume(found.id())) instanceof CommandReply.Refused refused) {
      return new TableOutcome.Refused(refused.error());
    }
    if (found.state() != RefreshState.AWAITING_APPROVAL) {
      sayResumed(found.id());
    }
    return watch.untilRest(found.table(), found.id(), wanted);
  }

  private TableOutcome decide(String table, boolean approve) {
    var waiting =
        Node.await(views.active(), READ_TIMEOUT).stream()
            .filter(view -> view.table().equals(table))
            .filter(view -> view.state() == RefreshState.AWAITING_APPROVAL)
            .findFirst();
    if (waiting.isEmpty()) {
      return new TableOutcome.Refused(
          ErrorReport.of(
                  ErrorCode.ILLEGAL_STATE, "table " + table + ": no refresh waits for approval")
              .withHint("Run the command without --approve and --reject to refresh it."));
    }
    long id = waiting.get().id();
    var command = approve ? new Command.Approve(id) : new Command.Reject(id);
    return leader.ask(command) instanceof CommandReply.Refused refused
        ? new TableOutcome.Refused(refused.error())
        : watch.untilRest(table, id, approve ? RefreshState.SUCCEEDED : RefreshState.REJECTED);
  }

  private void sayResumed(long id) {
    Node.await(views.view(id), READ_TIMEOUT)
        .ifPresent(
            view ->
                progress.note(
                    "%s: resuming refresh %d: %d of %d VNodes are complete and skipped"
                        .formatted(
                            view.table(), id, view.vnodes().skipped(), view.vnodes().total())));
  }
}
