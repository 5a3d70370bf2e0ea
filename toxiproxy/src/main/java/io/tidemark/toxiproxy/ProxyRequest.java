package io.tidemark.toxiproxy;

/**
 * A proxy that someone wants.
 *
 * @param listen {@code host:port}; port 0: any free one; empty: any port on all interfaces
 * @param upstream {@code host:port}, looked up for each connection
 */
public record ProxyRequest(String name, String listen, String upstream, boolean enabled) {
  private static final String ANY_LOCAL_PORT = "127.0.0.1:0";

  /** Enabled, on any free local port. */
  public static ProxyRequest to(String name, String upstream) {
    return new ProxyRequest(name, ANY_LOCAL_PORT, upstream, true);
  }
}
