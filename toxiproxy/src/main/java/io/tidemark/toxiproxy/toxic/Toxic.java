package io.tidemark.toxiproxy.toxic;

import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;

/**
 * What is wrong with a stream. Attributes are those of Shopify's Toxiproxy, with its names and
 * units; all are whole numbers, 0 where not given.
 */
public sealed interface Toxic
    permits Bandwidth, Latency, LimitData, Noop, ResetPeer, Slicer, SlowClose, Timeout {
  /** The name of its kind, as in {@code "type": "slow_close"}. */
  String type();

  /** All attributes with their values, in a fixed order. */
  SequencedMap<String, Long> attributes();

  /** The same with some attributes changed. Others than its own are ignored. */
  Toxic with(Map<String, Long> changed);

  /**
   * Sets it to work on one link.
   *
   * @param tally what this toxic has let through there so far
   */
  Effect effect(Tally tally, RandomGenerator random);

  /** How many chunks may wait for it on one link. */
  default int queuedChunks() {
    return 1;
  }

  /** Whether its removal closes the connections that it sat on. */
  default boolean closesWhenRemoved() {
    return false;
  }

  /** The kind of this name, with all attributes 0. */
  static Optional<Toxic> ofType(String type) {
    return Optional.ofNullable(
        switch (type) {
          case Bandwidth.TYPE -> new Bandwidth(0);
          case Latency.TYPE -> new Latency(0, 0);
          case LimitData.TYPE -> new LimitData(0);
          case Noop.TYPE -> new Noop();
          case ResetPeer.TYPE -> new ResetPeer(0);
          case Slicer.TYPE -> new Slicer(0, 0, 0);
          case SlowClose.TYPE -> new SlowClose(0);
          case Timeout.TYPE -> new Timeout(0);
          default -> null;
        });
  }
}
