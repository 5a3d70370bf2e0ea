package io.tidemark.common.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How nodes find each other and form one event bus.
 *
 * @param name nodes of another name are not met
 * @param port where this node is found by the others; empty: the port of the member that is this
 *     node, else {@link #DEFAULT_PORT} or the next free one
 * @param host address of this node among the others; empty: the member on this machine, or the
 *     address that it listens on
 * @param busPort where it takes messages; 0: any free one
 * @param announced how others reach it, where that is not as it listens
 */
public record ClusterConfig(
    String name,
    Optional<Integer> port,
    Optional<String> host,
    int busPort,
    Announced announced,
    Discovery discovery,
    Detection detection) {
  public static final int DEFAULT_PORT = 5701;

  public static final ClusterConfig DEFAULT =
      new ClusterConfig(
          "tidemark",
          Optional.empty(),
          Optional.empty(),
          0,
          Announced.AS_IT_LISTENS,
          new Discovery.Members(List.of()),
          Detection.DEFAULT);

  /** Members as a command line names them, separated by commas; empty: it is no such list. */
  public static Optional<List<String>> parseMembers(String text) {
    return ClusterReader.members(text);
  }

  /** With these members, {@code address:port} each, in place of how it is found otherwise. */
  public ClusterConfig withMembers(List<String> members) {
    return new ClusterConfig(
        name, port, host, busPort, announced, new Discovery.Members(members), detection);
  }

  /**
   * What others are told where a proxy, a NAT or a container's mapped port stands between.
   *
   * @param host in place of the one it listens on
   * @param port in place of {@link ClusterConfig#port}
   * @param busPort in place of {@link ClusterConfig#busPort}
   */
  public record Announced(
      Optional<String> host, Optional<Integer> port, Optional<Integer> busPort) {
    public static final Announced AS_IT_LISTENS =
        new Announced(Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** Where to look for other nodes. */
  public sealed interface Discovery {
    /**
     * At these addresses, {@code address} or {@code address:port}; those that are up are enough.
     */
    record Members(List<String> members) implements Discovery {
      public Members {
        members = List.copyOf(members);
      }
    }

    /** At all addresses that a name stands for, at the time of each look. */
    record Dns(String name) implements Discovery {}

    /** At the pods behind a service, as the Kubernetes API tells them. */
    record Kubernetes(String service, Optional<String> namespace) implements Discovery {}
  }

  /**
   * When a node that is silent counts as gone. Only a hint: no result depends on it.
   *
   * @param heartbeat between two signs of life
   * @param lostAfter silence after which the others go on without it
   * @param merge between two looks for a cluster that it was parted from
   * @param busPing a bus connection without an answer for twice this is opened anew
   */
  public record Detection(
      Duration heartbeat, Duration lostAfter, Duration merge, Duration busPing) {
    public static final Detection DEFAULT =
        new Detection(
            Duration.ofSeconds(1),
            Duration.ofSeconds(8),
            Duration.ofSeconds(5),
            Duration.ofSeconds(1));
  }
}
