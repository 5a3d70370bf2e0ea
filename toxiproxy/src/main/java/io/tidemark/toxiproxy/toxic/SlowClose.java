package io.tidemark.toxiproxy.toxic;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;

/**
 * The end of the stream is passed on late; bytes are not touched.
 *
 * @param delay milliseconds
 */
public record SlowClose(long delay) implements Toxic {
  static final String TYPE = "slow_close";

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public SequencedMap<String, Long> attributes() {
    return Attributes.of("delay", delay);
  }

  @Override
  public SlowClose with(Map<String, Long> changed) {
    return new SlowClose(changed.getOrDefault("delay", delay));
  }

  @Override
  public Effect effect(Tally tally, RandomGenerator random) {
    return new Effect() {
      @Override
      public List<Step> onChunk(Chunk chunk, long now) {
        return List.of(new Step.Pass(chunk));
      }

      @Override
      public List<Step> onEnd() {
        return List.of(new Step.Pause(Nanos.ofMillis(delay)), new Step.Close());
      }
    };
  }
}
