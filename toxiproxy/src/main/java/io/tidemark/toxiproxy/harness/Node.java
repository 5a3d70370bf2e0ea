package io.tidemark.toxiproxy.harness;

import io.tidemark.toxiproxy.toxic.Bandwidth;
import io.tidemark.toxiproxy.toxic.Direction;
import io.tidemark.toxiproxy.toxic.Latency;
import io.tidemark.toxiproxy.toxic.Timeout;
import io.tidemark.toxiproxy.toxic.Toxic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** A node that runs, and what can be done to it. All of this blocks, and holds once it returns. */
public final class Node {
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final NodeSpec spec;
  private final Addresses addresses;
  private final Map<String, Line> lines;
  private final Optional<Namespaces.Cable> cable;
  private final Path folder;
  private final Path out;
  private final Path err;
  private NodeProcess process;

  Node(
      NodeSpec spec,
      Addresses addresses,
      Map<String, Line> lines,
      Optional<Namespaces.Cable> cable,
      Path folder) {
    this.spec = spec;
    this.addresses = addresses;
    this.lines = Map.copyOf(lines);
    this.cable = cable;
    this.folder = folder;
    this.out = folder.resolve(spec.name() + ".out");
    this.err = folder.resolve(spec.name() + ".err");
    this.process = launch();
  }

  public String name() {
    return spec.name();
  }

  /** What its command line was made from. The same after a restart. */
  public Addresses addresses() {
    return addresses;
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  public long pid() {
    return process.pid();
  }

  /** Cuts one of its links: connections are closed, new ones refused. */
  public Node cutFrom(String link) {
    line(link).cut();
    return this;
  }

  /** Cuts all its links. What it reaches without a proxy it still reaches: see {@link #isolate}. */
  public Node cutFromEverything() {
    lines.values().forEach(Line::cut);
    return this;
  }

  /** What is sent over a link is lost without a word, both ways; connections stay open. */
  public Node drop(String link) {
    return both(link, new Timeout(0));
  }

  /** Delays everything on a link by this much, each way. */
  public Node slow(String link, Duration latency) {
    return both(link, new Latency(latency.toMillis(), 0));
  }

  /** Limits the rate on a link, each way. */
  public Node limit(String link, long kilobytesPerSecond) {
    return both(link, new Bandwidth(kilobytesPerSecond));
  }

  /** Makes a link whole again. */
  public Node heal(String link) {
    line(link).heal();
    return this;
  }

  /** Makes all links whole again, and its network where it was isolated. */
  public Node heal() {
    lines.values().forEach(Line::heal);
    cable.ifPresent(Namespaces.Cable::plug);
    return this;
  }

  /**
   * Pulls its network cable: nothing reaches it, nothing leaves it, no connection is closed. Only
   * in a {@link Cluster#isolated} cluster.
   */
  public Node isolate() {
    cable
        .orElseThrow(() -> new IllegalStateException("not in an isolated cluster: " + name()))
        .pull();
    return this;
  }

  /** SIGSTOP: it stands still, its connections stay open. */
  public Node pause() {
    process.signal("STOP");
    return this;
  }

  /** SIGCONT: it goes on where it stood, and does not know. */
  public Node resume() {
    process.signal("CONT");
    return this;
  }

  /** SIGKILL. */
  public Node kill() {
    process.kill();
    return this;
  }

  /** SIGTERM; its exit code. */
  public int terminate() {
    return process.terminate();
  }

  /** Starts it again with the same command line, after killing it where it lives. */
  public Node restart() {
    process.kill();
    process = launch();
    return this;
  }

  /** Bytes that it got over a link it reaches; empty where a foreign server has the proxies. */
  public OptionalLong bytesFrom(String link) {
    return line(link).downstreamBytes();
  }

  /** All that it wrote to stdout, over all its lives. */
  public String out() {
    return NodeProcess.read(out);
  }

  /** All that it wrote to stderr, over all its lives. */
  public String err() {
    return NodeProcess.read(err);
  }

  /** The last lines that it wrote, stderr after stdout. */
  public String tail(int count) {
    return "%s (%s)%n%s%n%s"
        .formatted(name(), isAlive() ? "alive" : "ended", last(out(), count), last(err(), count));
  }

  /**
   * Waits until stdout has this.
   *
   * @throws IllegalStateException where it ends before, or takes longer than this; says what it
   *     wrote
   */
  public MatchResult awaitOutput(Pattern pattern, Duration limit) {
    var end = System.nanoTime() + limit.toNanos();
    while (true) {
      var alive = isAlive();
      var found = pattern.matcher(out());
      if (found.find()) {
        return found.toMatchResult();
      }
      if (!alive || System.nanoTime() > end) {
        throw new IllegalStateException("no " + pattern + " from " + tail(50));
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  private Node both(String link, Toxic toxic) {
    for (var stream : Direction.values()) {
      line(link).put(stream, toxic);
    }
    return this;
  }

  private Line line(String link) {
    return Optional.ofNullable(lines.get(link))
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    name() + " has no link " + link + ", only " + lines.keySet()));
  }

  private NodeProcess launch() {
    var command = spec.command().apply(addresses);
    return NodeProcess.start(
        name(),
        cable.map(it -> it.inside(command)).orElse(command),
        spec.environment(),
        folder,
        out,
        err);
  }

  private static String last(String text, int count) {
    List<String> lines = text.lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - count), lines.size()));
  }
}
