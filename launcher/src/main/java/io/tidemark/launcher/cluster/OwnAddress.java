package io.tidemark.launcher.cluster;

import io.tidemark.common.config.ClusterConfig;
import io.tidemark.common.config.ClusterConfig.Discovery;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where a node is found by the others. Where nothing says so, it is the listed member that stands
 * for this machine, at the first of that member's ports that is free: so all nodes, also several on
 * one machine, can be started with the same list.
 *
 * @param host empty: any address of this machine that is not its loopback
 */
record OwnAddress(Optional<String> host, int port) {
  /**
   * @param listen what this node's frontend listens on
   */
  static OwnAddress of(ClusterConfig cluster, String listen) {
    var members =
        switch (cluster.discovery()) {
          case Discovery.Members listed -> listed.members().stream().map(Member::parse).toList();
          case Discovery.Dns dns -> List.<Member>of();
          case Discovery.Kubernetes kubernetes -> List.<Member>of();
        };
    var host =
        cluster
            .host()
            .or(() -> listed(members, listen))
            .or(() -> members.stream().map(Member::host).filter(OwnAddress::isHere).findFirst())
            .or(() -> Optional.of(listen).filter(OwnAddress::isFoundByOthers));
    var ports =
        members.stream()
            .filter(member -> host.isPresent() && isSame(member.host(), host.get()))
            .flatMap(member -> member.port().stream().boxed())
            .toList();
    var port =
        cluster
            .port()
            .orElseGet(
                () ->
                    ports.stream()
                        .filter(candidate -> isFree(host.orElseThrow(), candidate))
                        .findFirst()
                        .or(() -> ports.stream().findFirst())
                        .orElse(ClusterConfig.DEFAULT_PORT));
    return new OwnAddress(host, port);
  }

  /** A listed member. */
  record Member(String host, OptionalInt port) {
    static Member parse(String text) {
      var colon = text.lastIndexOf(':');
      var bracket = text.lastIndexOf(']');
      var host = colon > bracket ? text.substring(0, colon) : text;
      return new Member(
          host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
          colon > bracket
              ? OptionalInt.of(Integer.parseInt(text.substring(colon + 1)))
              : OptionalInt.empty());
    }
  }

  private static Optional<String> listed(List<Member> members, String listen) {
    return members.stream()
        .map(Member::host)
        .filter(host -> isSame(host, listen))
        .findFirst()
        .filter(host -> isHere(listen));
  }

  private static boolean isFoundByOthers(String listen) {
    return addresses(listen).stream()
        .noneMatch(address -> address.isAnyLocalAddress() || address.isLoopbackAddress());
  }

  private static boolean isSame(String one, String other) {
    return one.equals(other) || addresses(one).stream().anyMatch(addresses(other)::contains);
  }

  private static boolean isHere(String host) {
    return addresses(host).stream().anyMatch(OwnAddress::isHere);
  }

  private static boolean isHere(InetAddress address) {
    try {
      return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException e) {
      return false;
    }
  }

  private static boolean isFree(String host, int port) {
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(host, port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static List<InetAddress> addresses(String host) {
    try {
      return List.of(InetAddress.getAllByName(host));
    } catch (UnknownHostException e) {
      return List.of();
    }
  }
}
