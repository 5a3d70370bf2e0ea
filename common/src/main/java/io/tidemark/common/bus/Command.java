package io.tidemark.common.bus;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.tidemark.common.refresh.RefreshTrigger;

/** What a person asks of the leader. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
@JsonSubTypes({
  @JsonSubTypes.Type(Command.Request.class),
  @JsonSubTypes.Type(Command.Approve.class),
  @JsonSubTypes.Type(Command.Reject.class),
  @JsonSubTypes.Type(Command.Cancel.class),
  @JsonSubTypes.Type(Command.Pause.class),
  @JsonSubTypes.Type(Command.Resume.class)
})
public sealed interface Command {
  /**
   * Refresh a table: a new refresh, or the last one where that FAILED and can be resumed.
   *
   * @param full read the source, also where the target holds its version already
   */
  record Request(String table, boolean dryRun, boolean full, RefreshTrigger trigger)
      implements Command {
    /** Not full. */
    public Request(String table, boolean dryRun, RefreshTrigger trigger) {
      this(table, dryRun, false, trigger);
    }
  }

  /** Go on from AWAITING_APPROVAL. */
  record Approve(long refreshId) implements Command {}

  /** Discard from AWAITING_APPROVAL. */
  record Reject(long refreshId) implements Command {}

  /** End it, at any stage before its last transaction commits. */
  record Cancel(long refreshId) implements Command {}

  /** Stop reading, keep what is merged. */
  record Pause(long refreshId) implements Command {}

  /** Go on after a pause. */
  record Resume(long refreshId) implements Command {}
}
