package io.tidemark.launcher.node;

/** What a node does. Any mix of them may run on one, and any number of each in a cluster. */
public enum NodeRole {
  /** HTTP API and progress. */
  FRONTEND,
  /** Leads, or stands by. */
  META,
  /** Merges. */
  EXECUTOR
}
