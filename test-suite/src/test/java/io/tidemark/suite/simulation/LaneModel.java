package io.tidemark.suite.simulation;

/** A lane, whatever it works on. */
interface LaneModel {
  void begin();

  void stop();

  /** Ends what is under way, whatever it waits for. */
  void abort();

  boolean hasAnswered(long epoch);

  int claims();
}
