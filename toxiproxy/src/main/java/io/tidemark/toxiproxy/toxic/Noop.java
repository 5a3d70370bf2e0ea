package io.tidemark.toxiproxy.toxic;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;

/** Nothing is wrong. */
public record Noop() implements Toxic {
  static final String TYPE = "noop";

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public SequencedMap<String, Long> attributes() {
    return Attributes.none();
  }

  @Override
  public Noop with(Map<String, Long> changed) {
    return this;
  }

  @Override
  public Effect effect(Tally tally, RandomGenerator random) {
    return (chunk, now) -> List.of(new Step.Pass(chunk));
  }
}
