package io.tidemark.common.config;

import java.time.Duration;

/** When a table refreshes by itself. */
public sealed interface Schedule {
  /** On demand only. */
  record OnDemand() implements Schedule {}

  /** This long after the last refresh was requested. */
  record Every(Duration interval) implements Schedule {}

  /** A five-field cron expression, in UTC. */
  record Cron(String expression) implements Schedule {}
}
