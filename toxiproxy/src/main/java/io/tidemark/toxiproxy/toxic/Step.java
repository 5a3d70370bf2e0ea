package io.tidemark.toxiproxy.toxic;

/** What a toxic wants done next. */
public sealed interface Step {
  /** These bytes go on. */
  record Pass(Chunk chunk) implements Step {}

  /** Nothing happens for so long. */
  record Pause(long nanos) implements Step {}

  /** Nothing happens until this moment of the link's clock. */
  record WaitUntil(long nanos) implements Step {}

  /** Nothing happens until the toxic is changed or removed. */
  record Hold() implements Step {}

  /** The stream ends here; what comes later is dropped. */
  record Close() implements Step {}
}
