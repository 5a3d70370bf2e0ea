package io.tidemark.suite;

import io.tidemark.common.refresh.RefreshState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Nodes that nobody lists find each other. Each has an address of its own, and all the same port,
 * as pods have.
 */
@Isolated("two JVMs a test")
class DiscoveryTest {
  private static final List<String> ADDRESSES = List.of("127.0.0.2", "127.0.0.3");

  @TempDir Path folder;
  private ClusterNodes nodes;
  private int port;

  @BeforeEach
  void open() throws Exception {
    port = freePort();
    nodes = new ClusterNodes(folder);
  }

  @AfterEach
  void close() throws Exception {
    if (nodes != null) {
      nodes.close();
    }
  }

  @Test
  void nodesFindEachOtherByADnsNameOfSeveralAddresses() throws Exception {
    // Given
    var hosts =
        Files.write(
            folder.resolve("hosts"),
            Stream.concat(
                    ADDRESSES.stream().map(address -> address + " tidemark.test"),
                    Stream.of("127.0.0.1 localhost"))
                .toList());
    // When
    var servers = begin("dns: tidemark.test", "-Djdk.net.hosts.file=" + hosts);
    // Then
    assertShare(servers);
  }

  private List<TidemarkServer> begin(String discovery, String... options) throws Exception {
    var servers = new ArrayList<TidemarkServer>();
    for (var address : ADDRESSES) {
      var own = folder.resolve(address + ".yaml");
      Files.writeString(
          own,
          """
          cluster:
            %s
            host: %s
            port: %d
          """
                  .formatted(discovery, address, port)
              + Files.readString(nodes.config(3_000)));
      servers.add(
          nodes
              .alone(
                  own,
                  List.of(options),
                  "--node-id",
                  "n" + address.replaceFirst(".*\\.", ""),
                  "--host",
                  address)
              .ready());
    }
    return servers;
  }

  /** Two that each heard both, over one bus, and both work. */
  private void assertShare(List<TidemarkServer> servers) throws Exception {
    for (var server : servers) {
      Until.holds(
          "both are known, on one bus",
          () -> ClusterNodes.live(server) == 2 && !isRelayed(servers));
    }
    var id = servers.getLast().refresh("t");
    Until.holds("both work on it", () -> nodes.owners(id).size() == 2);
    servers.getFirst().await(id, RefreshState.SUCCEEDED);
    nodes.assertEqual();
  }

  /** Whether one only hears the other by way of the home. */
  private static boolean isRelayed(List<TidemarkServer> servers) {
    var said =
        servers.stream()
            .map(it -> it.process().err())
            .collect(Collectors.joining(System.lineSeparator()));
    return count(said, "by way of the home") > count(said, "stands in for a leader no more");
  }

  private static long count(String said, String what) {
    return said.lines().filter(line -> line.contains(what)).count();
  }

  /** A port that is free at all these addresses; Linux has them, other systems must be told to. */
  static int freePort() throws IOException {
    try (var first = new ServerSocket(0, 1, InetAddress.getByName(ADDRESSES.getFirst()))) {
      try (var second =
          new ServerSocket(first.getLocalPort(), 1, InetAddress.getByName(ADDRESSES.getLast()))) {
        return second.getLocalPort();
      }
    } catch (IOException e) {
      return Assumptions.abort("no second loopback address here: " + e.getMessage());
    }
  }
}
