package io.tidemark.toxiproxy.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Nodes in processes of their own, with a proxy on each of their links. Where {@code TOXIPROXY_URL}
 * is set, the proxies are those of that server, else they run in this process.
 *
 * <p>Its methods block; nodes may be started from several threads.
 */
public final class Cluster implements AutoCloseable {
  private static final String LOOPBACK = "127.0.0.1";

  private final Lines lines;
  private final Optional<Namespaces> namespaces;
  private final Path folder;
  private final Map<String, Node> nodes = new ConcurrentSkipListMap<>();

  private Cluster(Lines lines, Optional<Namespaces> namespaces) {
    this.lines = lines;
    this.namespaces = namespaces;
    try {
      this.folder = Files.createTempDirectory("cluster");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All nodes on this machine's loopback. */
  public static Cluster local() {
    return new Cluster(Lines.fromEnvironment(), Optional.empty());
  }

  /**
   * Each node in a network namespace, so that it can be {@link Node#isolate isolated}. Nodes reach
   * each other, and this machine, and nothing else.
   *
   * @throws IllegalStateException where {@link #cannotIsolate} says why
   */
  public static Cluster isolated() {
    return new Cluster(Lines.fromEnvironment(), Optional.of(Namespaces.open()));
  }

  /** Why nodes cannot have a network of their own here; empty: they can. */
  public static Optional<String> cannotIsolate() {
    return Namespaces.unavailable();
  }

  /** The address of proxies, and of this machine as nodes see it. */
  public String gateway() {
    return namespaces.map(Namespaces::gateway).orElse(LOOPBACK);
  }

  /** Starts a node. Does not wait until it is of use: see {@link Node#awaitOutput}. */
  public Node start(NodeSpec spec) {
    if (nodes.containsKey(spec.name())) {
      throw new IllegalArgumentException("there is a node " + spec.name());
    }
    var cable = namespaces.map(Namespaces::add);
    var host = cable.map(Namespaces.Cable::address).orElse(LOOPBACK);
    var all = new HashMap<String, Line>();
    var links = new HashMap<String, Integer>();
    var listening = new HashMap<String, Integer>();
    var announced = new HashMap<String, Integer>();
    spec.reaches()
        .forEach(
            (link, upstream) -> {
              var line = lines.open(spec.name() + "-" + link, gateway(), upstream);
              all.put(link, line);
              links.put(link, line.port());
            });
    for (var link : spec.listens()) {
      var port = FreePorts.take();
      var line = lines.open(spec.name() + "-" + link, gateway(), host + ":" + port);
      all.put(link, line);
      listening.put(link, port);
      announced.put(link, line.port());
    }
    var addresses = new Addresses(host, gateway(), links, listening, announced);
    var node = new Node(spec, addresses, all, cable, folder);
    nodes.put(spec.name(), node);
    return node;
  }

  /** The one of this name. */
  public Node node(String name) {
    var node = nodes.get(name);
    if (node == null) {
      throw new IllegalArgumentException("no node " + name + ", only " + nodes.keySet());
    }
    return node;
  }

  /** In the order of their names. */
  public List<Node> nodes() {
    return List.copyOf(nodes.values());
  }

  /** The last lines of every node's output. */
  public String tails(int count) {
    var all = new StringBuilder();
    for (var node : nodes.values()) {
      all.append("── ").append(node.tail(count)).append('\n');
    }
    return all.toString();
  }

  /** Kills all nodes, and takes proxies, namespaces and logs away. */
  @Override
  public void close() {
    try {
      nodes.values().forEach(Node::kill);
    } finally {
      try {
        lines.close();
      } finally {
        namespaces.ifPresent(Namespaces::close);
        delete();
      }
    }
  }

  private void delete() {
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
