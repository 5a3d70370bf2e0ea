package io.tidemark.toxiproxy.engine;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * An address as users write it: {@code host:port}, {@code [::1]:port}, {@code :port}. What is wrong
 * with one is said in the words of Go, which clients of Toxiproxy know.
 *
 * @param host empty: all interfaces, or this machine
 */
record HostPort(String host, int port) {
  private static final int MAX_PORT = 65_535;

  /**
   * @throws AddressException where it cannot be read
   */
  static HostPort parse(String address) throws AddressException {
    if (address.isEmpty()) {
      return new HostPort("", 0);
    }
    var colon = address.lastIndexOf(':');
    if (colon < 0) {
      throw wrong(address, "missing port in address");
    }
    return new HostPort(host(address, colon), port(address.substring(colon + 1)));
  }

  /**
   * The addresses of the host, those of IPv4 first. Blocks while it asks the resolver.
   *
   * @throws AddressException where there are none
   */
  List<InetSocketAddress> resolve() throws AddressException {
    try {
      return Arrays.stream(InetAddress.getAllByName(host.isEmpty() ? null : host))
          .sorted(Comparator.comparing(Inet6Address.class::isInstance))
          .map(ip -> new InetSocketAddress(ip, port))
          .toList();
    } catch (UnknownHostException e) {
      throw new AddressException("lookup " + host + ": no such host");
    }
  }

  private static String host(String address, int colon) throws AddressException {
    if (!address.startsWith("[")) {
      var host = address.substring(0, colon);
      if (host.contains(":")) {
        throw wrong(address, "too many colons in address");
      }
      return bare(address, host);
    }
    var end = address.indexOf(']');
    if (end < 0) {
      throw wrong(address, "missing ']' in address");
    }
    if (end + 1 != colon) {
      var follows = end + 1 < address.length() && address.charAt(end + 1) == ':';
      throw wrong(address, follows ? "too many colons in address" : "missing port in address");
    }
    return bare(address, address.substring(1, end));
  }

  private static String bare(String address, String host) throws AddressException {
    if (host.contains("[")) {
      throw wrong(address, "unexpected '[' in address");
    }
    if (host.contains("]")) {
      throw wrong(address, "unexpected ']' in address");
    }
    return host;
  }

  private static int port(String text) throws AddressException {
    if (text.isEmpty()) {
      return 0;
    }
    if (!text.matches("[+-]?[0-9]+")) {
      throw new AddressException("lookup tcp/" + text + ": unknown port");
    }
    var digits = text.replaceFirst("^\\+", "");
    if (digits.length() > 9
        || Integer.parseInt(digits) < 0
        || Integer.parseInt(digits) > MAX_PORT) {
      throw wrong(text, "invalid port");
    }
    return Integer.parseInt(digits);
  }

  private static AddressException wrong(String address, String what) {
    return new AddressException("address " + address + ": " + what);
  }
}
