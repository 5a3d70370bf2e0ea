package io.tidemark.launcher;

/** A command whose stdout can carry one JSON document, also where it fails. */
public interface JsonOutput {
  /** Whether the user asked for that. */
  boolean json();
}
