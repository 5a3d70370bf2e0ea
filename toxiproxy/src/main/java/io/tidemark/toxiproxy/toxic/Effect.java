package io.tidemark.toxiproxy.toxic;

import java.util.List;
import java.util.OptionalLong;

/**
 * A toxic at work on one link: says what becomes of what arrives. Whoever carries out the steps
 * keeps the order, waits, and holds the sender back meanwhile. Where a toxic is changed or removed
 * in the middle of them, the waits are left out and the rest is done at once: no byte is lost.
 */
public interface Effect {
  /**
   * What becomes of a chunk. Asked when all steps for the one before are done.
   *
   * @param now on the link's clock, nanoseconds
   */
  List<Step> onChunk(Chunk chunk, long now);

  /** What becomes of the end of the stream. Asked after all chunks. */
  default List<Step> onEnd() {
    return List.of(new Step.Close());
  }

  /** After how many nanoseconds without a chunk the stream ends by itself. */
  default OptionalLong maxSilence() {
    return OptionalLong.empty();
  }

  /** Whether the connection closes with a reset (RST) while this is at work on it. */
  default boolean resets() {
    return false;
  }
}
