package io.tidemark.toxiproxy.toxic;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;

/**
 * Nothing passes, and the connection closes after a time without bytes. Since bytes have been
 * dropped, its removal closes the connection too.
 *
 * @param timeout milliseconds; 0 or less: it never closes by itself
 */
public record Timeout(long timeout) implements Toxic {
  static final String TYPE = "timeout";

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public SequencedMap<String, Long> attributes() {
    return Attributes.of("timeout", timeout);
  }

  @Override
  public Timeout with(Map<String, Long> changed) {
    return new Timeout(changed.getOrDefault("timeout", timeout));
  }

  @Override
  public boolean closesWhenRemoved() {
    return true;
  }

  @Override
  public Effect effect(Tally tally, RandomGenerator random) {
    return new Effect() {
      @Override
      public List<Step> onChunk(Chunk chunk, long now) {
        return List.of();
      }

      @Override
      public OptionalLong maxSilence() {
        return timeout > 0 ? OptionalLong.of(Nanos.ofMillis(timeout)) : OptionalLong.empty();
      }
    };
  }
}
