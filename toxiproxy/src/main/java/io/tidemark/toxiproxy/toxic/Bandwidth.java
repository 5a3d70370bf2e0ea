package io.tidemark.toxiproxy.toxic;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Bytes pass at a limited rate. What takes longer than a tenth of a second goes out in pieces, one
 * each tenth.
 *
 * @param rate kilobytes (1,000 bytes) a second; 0 or less: nothing passes
 */
public record Bandwidth(long rate) implements Toxic {
  static final String TYPE = "bandwidth";

  private static final int PIECE_MILLIS = 100;
  private static final long PIECE_NANOS = TimeUnit.MILLISECONDS.toNanos(PIECE_MILLIS);

  /** A timer that comes later than this is not made up for by a higher rate. */
  private static final long MAX_CREDIT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public SequencedMap<String, Long> attributes() {
    return Attributes.of("rate", rate);
  }

  @Override
  public Bandwidth with(Map<String, Long> changed) {
    return new Bandwidth(changed.getOrDefault("rate", rate));
  }

  @Override
  public Effect effect(Tally tally, RandomGenerator random) {
    return rate > 0
        ? new Limited(rate)
        : (chunk, now) -> List.of(new Step.Hold(), new Step.Pass(chunk));
  }

  private static final class Limited implements Effect {
    private final long bytesPerMilli;
    private boolean begun;
    private long free;

    Limited(long rate) {
      bytesPerMilli = rate;
    }

    @Override
    public List<Step> onChunk(Chunk chunk, long now) {
      var start = begun && now - free <= MAX_CREDIT_NANOS ? free : now;
      begun = true;
      free = start + nanos(chunk.size());
      var steps = new ArrayList<Step>();
      var sent = 0;
      while ((chunk.size() - sent) / PIECE_MILLIS >= bytesPerMilli
          && chunk.size() - sent > bytesPerMilli * PIECE_MILLIS) {
        var piece = (int) bytesPerMilli * PIECE_MILLIS;
        steps.add(new Step.Pause(PIECE_NANOS));
        steps.add(new Step.Pass(chunk.slice(sent, sent + piece)));
        sent += piece;
      }
      steps.add(new Step.WaitUntil(free));
      steps.add(new Step.Pass(chunk.slice(sent, chunk.size())));
      return steps;
    }

    private long nanos(int bytes) {
      return TimeUnit.MILLISECONDS.toNanos(bytes) / bytesPerMilli;
    }
  }
}
