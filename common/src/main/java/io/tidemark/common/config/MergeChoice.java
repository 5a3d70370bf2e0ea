package io.tidemark.common.config;

/** Which way a Postgres source goes; other sources are always staged. */
public enum MergeChoice {
  /** Streaming where the key's order is the same everywhere and reading by it is cheap. */
  AUTO,
  /** Both sides in key order, nothing written for an unchanged row. */
  STREAMING,
  /** Copied into the home first, in any order, and compared there. */
  STAGED
}
