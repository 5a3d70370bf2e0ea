package io.tidemark.toxiproxy.http;

/**
 * How a server runs.
 *
 * @param host where its API listens; empty: on all interfaces
 * @param port 0: any free one
 * @param proxyMetrics whether {@code /metrics} shows bytes by proxy
 * @param runtimeMetrics whether {@code /metrics} shows the process
 * @param seed of the dice that toxics throw
 */
public record ServerSettings(
    String host, int port, boolean proxyMetrics, boolean runtimeMetrics, long seed) {
  /** Where Toxiproxy listens by default. */
  public static final String DEFAULT_HOST = "localhost";

  /** Where Toxiproxy listens by default. */
  public static final int DEFAULT_PORT = 8474;

  /** At an address, without metrics, with other dice each time. */
  public static ServerSettings at(String host, int port) {
    return new ServerSettings(host, port, false, false, System.nanoTime());
  }

  boolean isEverywhere() {
    return host.isEmpty();
  }

  boolean anyMetrics() {
    return proxyMetrics || runtimeMetrics;
  }
}
