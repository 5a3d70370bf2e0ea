package io.tidemark.toxiproxy.engine;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a proxy listens, resolved. Blocks while it asks the resolver: not for event loops.
 *
 * @param ip none: all interfaces
 * @param port 0: any free one
 */
public record ListenAddress(Optional<InetAddress> ip, int port) {
  /**
   * Resolves what a user wrote; an IPv4 address is preferred.
   *
   * @throws AddressException where it cannot be read or resolved
   */
  public static ListenAddress resolve(String address) throws AddressException {
    var parsed = HostPort.parse(address);
    if (parsed.host().isEmpty()) {
      return new ListenAddress(Optional.empty(), parsed.port());
    }
    return new ListenAddress(Optional.of(parsed.resolve().getFirst().getAddress()), parsed.port());
  }

  /**
   * Makes sure that the port is free, without listening. Vert.x would let two servers of one
   * process share a port, where the second must fail.
   *
   * @return the address as it is reported once it listens, port 0 still being 0
   * @throws AddressException where it is not
   */
  ListenAddress free() throws AddressException {
    try (var probe = SocketChannel.open()) {
      probe.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      probe.bind(new InetSocketAddress(ip.orElse(null), port));
      return probe.getLocalAddress() instanceof InetSocketAddress bound
          ? new ListenAddress(Optional.of(bound.getAddress()), port)
          : this;
    } catch (IOException e) {
      throw refused(e);
    }
  }

  /** What is said where listening fails. */
  AddressException refused(Throwable cause) {
    var reason = Optional.ofNullable(cause.getMessage()).orElse(cause.toString());
    var plain = reason.replaceFirst(" \\(.*", "");
    return new AddressException(
        "listen tcp "
            + this
            + ": bind: "
            + plain.substring(0, 1).toLowerCase(Locale.ROOT)
            + plain.substring(1));
  }

  ListenAddress withPort(int actual) {
    return new ListenAddress(ip, actual);
  }

  String host() {
    return ip.map(NetUtil::toAddressString).orElse("::");
  }

  /** As Go writes it. */
  @Override
  public String toString() {
    var host = ip.map(NetUtil::toAddressString).orElse("");
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
