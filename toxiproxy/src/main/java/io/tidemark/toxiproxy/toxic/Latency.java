package io.tidemark.toxiproxy.toxic;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;

/**
 * Each chunk leaves so long after it was received. Many chunks may be on their way at once, so that
 * throughput stays; their order stays too.
 *
 * @param latency milliseconds; none where it is negative
 * @param jitter milliseconds by which it varies both ways, evenly
 */
public record Latency(long latency, long jitter) implements Toxic {
  static final String TYPE = "latency";

  /** Chunks on their way on one link. */
  static final int MAX_QUEUED_CHUNKS = 1024;

  private static final long MAX_JITTER = Long.MAX_VALUE / 4;

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public SequencedMap<String, Long> attributes() {
    return Attributes.and(Attributes.of("latency", latency), "jitter", jitter);
  }

  @Override
  public Latency with(Map<String, Long> changed) {
    return new Latency(
        changed.getOrDefault("latency", latency), changed.getOrDefault("jitter", jitter));
  }

  @Override
  public int queuedChunks() {
    return MAX_QUEUED_CHUNKS;
  }

  @Override
  public Effect effect(Tally tally, RandomGenerator random) {
    return (chunk, now) -> {
      var due = chunk.since() + Nanos.ofMillis(delay(random));
      return List.of(new Step.WaitUntil(due), new Step.Pass(new Chunk(chunk.bytes(), due)));
    };
  }

  private long delay(RandomGenerator random) {
    if (jitter <= 0) {
      return latency;
    }
    var most = Math.min(jitter, MAX_JITTER);
    var offset = random.nextLong(2 * most) - most;
    return offset > 0 && latency > Long.MAX_VALUE - offset ? Long.MAX_VALUE : latency + offset;
  }
}
