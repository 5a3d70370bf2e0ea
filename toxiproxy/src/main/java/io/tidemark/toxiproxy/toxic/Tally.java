package io.tidemark.toxiproxy.toxic;

/** What a toxic has let through on one link; outlives changes of the toxic's attributes. */
public final class Tally {
  private long bytes;

  /** So far. */
  public long bytes() {
    return bytes;
  }

  void add(long more) {
    bytes += more;
  }
}
