package io.tidemark.toxiproxy.toxic;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;

/**
 * The first chunk, or the end, resets the connection: both sides see "connection reset by peer".
 *
 * @param timeout milliseconds between the chunk and the reset
 */
public record ResetPeer(long timeout) implements Toxic {
  static final String TYPE = "reset_peer";

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public SequencedMap<String, Long> attributes() {
    return Attributes.of("timeout", timeout);
  }

  @Override
  public ResetPeer with(Map<String, Long> changed) {
    return new ResetPeer(changed.getOrDefault("timeout", timeout));
  }

  @Override
  public Effect effect(Tally tally, RandomGenerator random) {
    return new Effect() {
      @Override
      public List<Step> onChunk(Chunk chunk, long now) {
        return onEnd();
      }

      @Override
      public List<Step> onEnd() {
        return List.of(new Step.Pause(Nanos.ofMillis(timeout)), new Step.Close());
      }

      @Override
      public boolean resets() {
        return true;
      }
    };
  }
}
