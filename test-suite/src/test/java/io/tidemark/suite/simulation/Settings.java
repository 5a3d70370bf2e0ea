package io.tidemark.suite.simulation;

import java.time.Duration;

/**
 * What a cluster is made of and how bad its days are.
 *
 * @param replyLoss probability that a connection to a database breaks during a transaction
 * @param streamBreaks probability, for each row, that a stream of the source ends with an error
 * @param rowFaults probability, for each row, that its VNode cannot be merged
 * @param faultsMillis for how long there are faults
 */
record Settings(
    int metas,
    int executors,
    int tables,
    int lanes,
    int claimSize,
    int chunkRows,
    double busDrops,
    double busDoubles,
    int busMillis,
    double replyLoss,
    double streamBreaks,
    double rowFaults,
    Duration retryFor,
    int faultEveryMillis,
    int faultsMillis) {
  static final long BARRIER_MILLIS = 1_000;
  static final long LEASE_MILLIS = 5_000;
  static final long SILENCE_NANOS = 3_000_000_000L;

  static Settings of(Timeline time) {
    var rough = time.chance(0.7);
    return new Settings(
        time.between(1, 3),
        time.between(1, 3),
        time.between(1, 2),
        time.between(1, 2),
        time.between(1, 2),
        time.between(1, 4),
        rough ? time.between(0, 30) / 100.0 : 0,
        rough ? time.between(0, 20) / 100.0 : 0,
        rough ? time.between(1, 1_500) : 5,
        rough ? time.between(0, 10) / 100.0 : 0,
        rough ? time.between(0, 5) / 100.0 : 0,
        time.chance(0.3) ? time.between(0, 30) / 100.0 : 0,
        Duration.ofSeconds(time.chance(0.5) ? 30 : time.between(1, 6)),
        time.between(300, 4_000),
        time.between(4_000, 16_000));
  }
}
