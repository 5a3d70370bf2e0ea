package io.tidemark.toxiproxy;

import io.tidemark.toxiproxy.toxic.PlacedToxic;
import java.util.List;

/**
 * What a proxy is at one moment.
 *
 * @param listen where clients connect, {@code host:port}. While it is enabled: resolved, with the
 *     real port. Before it is enabled for the first time: as it was given
 * @param upstream where they are connected to, as it was given
 * @param toxics those on the upstream first; on each stream in the order of their creation, which
 *     is that in which they act
 */
public record ProxyState(
    String name, String listen, String upstream, boolean enabled, List<PlacedToxic> toxics) {
  /** The port that clients connect to; 0 where there is none yet. */
  public int port() {
    return listen.matches(".*:[0-9]+")
        ? Integer.parseInt(listen.substring(listen.lastIndexOf(':') + 1))
        : 0;
  }
}
