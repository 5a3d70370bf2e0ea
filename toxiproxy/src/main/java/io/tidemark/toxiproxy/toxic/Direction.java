package io.tidemark.toxiproxy.toxic;

import java.util.Locale;
import java.util.Optional;

/** Which way bytes go through a proxy. */
public enum Direction {
  /** From the client to the server. */
  UPSTREAM,
  /** From the server to the client. */
  DOWNSTREAM;

  /** As Toxiproxy writes it: {@code upstream}, {@code downstream}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads what {@link #text} writes, in any case. */
  public static Optional<Direction> of(String text) {
    for (var direction : values()) {
      if (direction.text().equals(text.toLowerCase(Locale.ROOT))) {
        return Optional.of(direction);
      }
    }
    return Optional.empty();
  }
}
