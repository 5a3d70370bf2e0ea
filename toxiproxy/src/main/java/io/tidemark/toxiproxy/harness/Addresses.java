package io.tidemark.toxiproxy.harness;

import java.util.Map;

/**
 * Where a node finds others, and is found: what its command line needs.
 *
 * @param host its own address
 * @param gateway the address of the proxies, as the node sees it
 * @param links name of what it reaches: port of the proxy in between
 * @param listening name of what it listens for: the port that it must take
 * @param announced name of what it listens for: port of the proxy in front, for others
 */
public record Addresses(
    String host,
    String gateway,
    Map<String, Integer> links,
    Map<String, Integer> listening,
    Map<String, Integer> announced) {
  public Addresses {
    links = Map.copyOf(links);
    listening = Map.copyOf(listening);
    announced = Map.copyOf(announced);
  }

  /** {@code host:port} at which it reaches this. */
  public String link(String name) {
    return gateway + ":" + require(links, name);
  }

  /** The port that it must listen on for this. */
  public int port(String name) {
    return require(listening, name);
  }

  /** The port at {@link #gateway} through which others reach it for this. */
  public int announcedPort(String name) {
    return require(announced, name);
  }

  private static int require(Map<String, Integer> ports, String name) {
    var port = ports.get(name);
    if (port == null) {
      throw new IllegalArgumentException("no link " + name + ", only " + ports.keySet());
    }
    return port;
  }
}
