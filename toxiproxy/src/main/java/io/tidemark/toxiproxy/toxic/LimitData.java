package io.tidemark.toxiproxy.toxic;

import java.util.ArrayList;
import java.util.Map;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;

/**
 * The connection closes when so many bytes have passed.
 *
 * @param bytes on one link; 0 closes at the first byte, which does not pass
 */
public record LimitData(long bytes) implements Toxic {
  static final String TYPE = "limit_data";

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public SequencedMap<String, Long> attributes() {
    return Attributes.of("bytes", bytes);
  }

  @Override
  public LimitData with(Map<String, Long> changed) {
    return new LimitData(changed.getOrDefault("bytes", bytes));
  }

  @Override
  public Effect effect(Tally tally, RandomGenerator random) {
    return (chunk, now) -> {
      var left = Math.max(0, bytes - tally.bytes());
      var passing = (int) Math.min(left, chunk.size());
      var steps = new ArrayList<Step>();
      if (passing > 0) {
        tally.add(passing);
        steps.add(new Step.Pass(chunk.slice(0, passing)));
      }
      if (passing == left) {
        steps.add(new Step.Close());
      }
      return steps;
    };
  }
}
