package io.tidemark.toxiproxy;

/** What a link does with bytes. */
enum LinkState {
  /** Moves them. */
  HEALED,
  /** Has closed its connections and closes new ones at once. */
  CUT,
  /** Keeps connections open, takes new ones, and moves nothing. */
  STALLED
}
