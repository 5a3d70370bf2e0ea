package io.tidemark.toxiproxy.harness;

import java.net.URI;
import java.util.Optional;

/** Opens lines: in this process, or at a Toxiproxy server that runs already. */
interface Lines extends AutoCloseable {
  /** Names the server to use in place of the engine. */
  String SERVER_VARIABLE = "TOXIPROXY_URL";

  static Lines fromEnvironment() {
    return Optional.ofNullable(System.getenv(SERVER_VARIABLE))
        .filter(url -> !url.isBlank())
        .<Lines>map(url -> new ServerLines(URI.create(url)))
        .orElseGet(EngineLines::new);
  }

  /**
   * @param host to listen on, at any free port
   * @param upstream {@code host:port}
   */
  Line open(String name, String host, String upstream);

  @Override
  void close();
}
