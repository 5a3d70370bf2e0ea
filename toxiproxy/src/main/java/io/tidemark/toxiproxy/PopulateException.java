package io.tidemark.toxiproxy;

import java.util.List;

/** Proxies were to be populated, and one of them cannot listen. */
public final class PopulateException extends RuntimeException {
  private final transient List<Proxy> done;

  PopulateException(Throwable cause, List<Proxy> done) {
    super(cause.getMessage(), cause);
    this.done = done;
  }

  /** Those before it. */
  public List<Proxy> done() {
    return done;
  }
}
