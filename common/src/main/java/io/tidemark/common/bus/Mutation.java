package io.tidemark.common.bus;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What a barrier asks of executors for one refresh. Each is idempotent. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
@JsonSubTypes({
  @JsonSubTypes.Type(Mutation.Start.class),
  @JsonSubTypes.Type(Mutation.LoadFinish.class),
  @JsonSubTypes.Type(Mutation.Pause.class),
  @JsonSubTypes.Type(Mutation.Resume.class),
  @JsonSubTypes.Type(Mutation.Throttle.class),
  @JsonSubTypes.Type(Mutation.Finish.class),
  @JsonSubTypes.Type(Mutation.Cancel.class)
})
public sealed interface Mutation {
  long refreshId();

  /**
   * Work on it: plan it where it has no plan, then claim and merge VNodes.
   *
   * @param attempt which attempt of the refresh; an executor that gave up tries a higher one again
   */
  record Start(long refreshId, int attempt) implements Mutation {}

  /** All its splits are loaded and durable: VNodes may be merged. */
  record LoadFinish(long refreshId) implements Mutation {}

  /** Checkpoint, close the streams, keep the snapshot, wait. */
  record Pause(long refreshId) implements Mutation {}

  /** Go on after a pause. Follows from a Start without a Pause too. */
  record Resume(long refreshId) implements Mutation {}

  /** Read at most this many rows a second, over all executors; 0: no limit. */
  record Throttle(long refreshId, long rowsPerSecond) implements Mutation {}

  /** All VNodes are merged and the guard is content: apply. */
  record Finish(long refreshId, int attempt) implements Mutation {}

  /** It has ended: stop, give everything back. */
  record Cancel(long refreshId) implements Mutation {}
}
