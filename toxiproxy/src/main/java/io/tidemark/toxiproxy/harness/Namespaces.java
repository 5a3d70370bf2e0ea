package io.tidemark.toxiproxy.harness;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A bridge on this machine and, for each node, a network namespace with a cable to it. A cable that
 * is pulled loses everything both ways, without a word to either side.
 *
 * <p>Blocks. Not for more than 250 nodes.
 */
final class Namespaces implements AutoCloseable {
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final int FIRST_NODE = 2;

  // Interfaces may have 15 characters.
  private final String bridge =
      "tp%xb%x".formatted(ProcessHandle.current().pid() & 0xffffff, NUMBER.getAndIncrement());
  private final String network;
  private final List<String> namespaces = new ArrayList<>();
  private final Thread atExit = new Thread(this::remove);

  private Namespaces() {
    var slot = Math.floorMod(ProcessHandle.current().pid() * 31 + NUMBER.get(), 50_000L);
    network = "10.%d.%d.".formatted(40 + slot / 250, slot % 250);
  }

  static Namespaces open() {
    var opened = new Namespaces();
    Runtime.getRuntime().addShutdownHook(opened.atExit);
    try {
      ip("link", "add", opened.bridge, "type", "bridge");
      ip("addr", "add", opened.gateway() + "/24", "dev", opened.bridge);
      ip("link", "set", opened.bridge, "up");
      return opened;
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  /** Why there are none here; empty: there are. */
  static Optional<String> unavailable() {
    try (var probe = open()) {
      probe.add();
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of(
          "network namespaces need root on Linux and the command ip: " + e.getMessage());
    }
  }

  /** This machine's address on the bridge. */
  String gateway() {
    return network + 1;
  }

  /** A namespace for one more node. */
  synchronized Cable add() {
    var index = namespaces.size() + FIRST_NODE;
    var namespace = bridge + "n" + index;
    namespaces.add(namespace);
    var cable = new Cable(namespace, network + index);
    ip("netns", "add", namespace);
    ip("link", "add", namespace, "type", "veth", "peer", "name", "eth0", "netns", namespace);
    ip("-n", namespace, "addr", "add", cable.address() + "/24", "dev", "eth0");
    ip("-n", namespace, "link", "set", "lo", "up");
    ip("-n", namespace, "link", "set", "eth0", "up");
    ip("link", "set", namespace, "master", bridge, "up");
    return cable;
  }

  @Override
  public void close() {
    remove();
    Runtime.getRuntime().removeShutdownHook(atExit);
  }

  private synchronized void remove() {
    for (var namespace : namespaces) {
      attempt("netns", "del", namespace);
    }
    namespaces.clear();
    attempt("link", "del", bridge);
  }

  private static void attempt(String... arguments) {
    try {
      ip(arguments);
    } catch (RuntimeException e) {
      // Half of it may never have come to be.
      return;
    }
  }

  private static void ip(String... arguments) {
    var command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    Shell.run(command.toArray(String[]::new));
  }

  /** A node's end of the network. The interface on the bridge is called as the namespace. */
  record Cable(String namespace, String address) {
    void pull() {
      ip("link", "set", namespace, "down");
    }

    void plug() {
      ip("link", "set", namespace, "up");
    }

    /** This command line, in the namespace. It becomes the command: the process id stays. */
    List<String> inside(List<String> command) {
      var all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
      all.addAll(command);
      return all;
    }
  }
}
