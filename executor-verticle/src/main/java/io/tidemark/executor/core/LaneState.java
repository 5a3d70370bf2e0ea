package io.tidemark.executor.core;

import io.tidemark.common.home.RefreshProgressTable.Claim;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where a lane is.
 *
 * @param claims VNodes that it owns and has not completed; it merges the first
 * @param answered the newest epoch whose barrier it has answered with a checkpoint; {@link
 *     #ANY_EPOCH} while it has nothing that a checkpoint could wait for
 * @param reached the epoch that the checkpoint under way answers
 * @param completing the checkpoint under way is the VNode's last
 * @param stopping it ends after a checkpoint
 */
public record LaneState(
    List<Claim> claims,
    long answered,
    long reached,
    boolean completing,
    boolean stopping,
    Retrying retrying,
    Retry retry) {
  /** All it had merged is durable, or lost. */
  public static final long ANY_EPOCH = Long.MAX_VALUE;

  public LaneState {
    claims = List.copyOf(claims);
  }

  /** What comes after the wait. */
  enum Retrying {
    CLAIM,
    RETAKE
  }

  static LaneState begin(Duration retryFor) {
    return new LaneState(List.of(), 0, 0, false, false, Retrying.CLAIM, Retry.upTo(retryFor));
  }

  /** It shall end. */
  public LaneState stop() {
    return new LaneState(claims, answered, reached, completing, true, retrying, retry);
  }

  LaneState owning(List<Claim> all) {
    return new LaneState(all, answered, reached, completing, stopping, retrying, retry);
  }

  LaneState answered(long epoch) {
    return new LaneState(claims, epoch, reached, completing, stopping, retrying, retry);
  }

  LaneState reaching(long epoch, boolean end) {
    return new LaneState(claims, answered, epoch, end, stopping, retrying, retry);
  }

  LaneState trying(Retrying then, Retry next) {
    return new LaneState(claims, answered, reached, completing, stopping, then, next);
  }

  LaneState retry(Retry next) {
    return trying(retrying, next);
  }

  /** Without the VNode that it merged. */
  LaneState next() {
    return owning(claims.subList(1, claims.size()));
  }

  /** The first VNode stands elsewhere than it did. */
  LaneState retook(Claim claim) {
    return owning(Stream.concat(Stream.of(claim), claims.stream().skip(1)).toList());
  }
}
