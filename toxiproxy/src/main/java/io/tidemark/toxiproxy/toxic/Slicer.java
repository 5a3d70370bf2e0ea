package io.tidemark.toxiproxy.toxic;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;

/**
 * Bytes arrive in small pieces, with a pause after each. A chunk is halved until its parts are
 * small enough. Attributes for which that would never end give pieces of one byte.
 *
 * @param averageSize bytes
 * @param sizeVariation bytes more or less, below the average
 * @param delay microseconds
 */
public record Slicer(long averageSize, long sizeVariation, long delay) implements Toxic {
  static final String TYPE = "slicer";

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public SequencedMap<String, Long> attributes() {
    return Attributes.and(
        Attributes.and(Attributes.of("average_size", averageSize), "size_variation", sizeVariation),
        "delay",
        delay);
  }

  @Override
  public Slicer with(Map<String, Long> changed) {
    return new Slicer(
        changed.getOrDefault("average_size", averageSize),
        changed.getOrDefault("size_variation", sizeVariation),
        changed.getOrDefault("delay", delay));
  }

  @Override
  public Effect effect(Tally tally, RandomGenerator random) {
    return (chunk, now) -> {
      var steps = new ArrayList<Step>();
      slice(chunk, 0, chunk.size(), random, steps);
      return steps;
    };
  }

  private void slice(Chunk chunk, int start, int end, RandomGenerator random, List<Step> steps) {
    if (end - start <= largest()) {
      steps.add(new Step.Pass(chunk.slice(start, end)));
      steps.add(new Step.Pause(Nanos.ofMicros(delay)));
      return;
    }
    var middle = Math.clamp(start + (end - start) / 2 + offset(random), start + 1, end - 1);
    slice(chunk, start, middle, random, steps);
    slice(chunk, middle, end, random, steps);
  }

  private long largest() {
    return Math.max(1, bounded(averageSize) + bounded(sizeVariation));
  }

  private long offset(RandomGenerator random) {
    var most = bounded(sizeVariation);
    return most > 0 ? random.nextLong(2 * most) - most : 0;
  }

  private static long bounded(long bytes) {
    return Math.clamp(bytes, 0, Integer.MAX_VALUE);
  }
}
