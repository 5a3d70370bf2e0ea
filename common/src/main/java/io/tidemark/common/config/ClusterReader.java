package io.tidemark.common.config;

import io.tidemark.common.config.ClusterConfig.Announced;
import io.tidemark.common.config.ClusterConfig.Detection;
import io.tidemark.common.config.ClusterConfig.Discovery;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads section {@code cluster}. */
final class ClusterReader {
  private static final int MAX_PORT = 65_535;
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(10);
  private static final String MEMBERS = "`members: [\"10.0.0.5:5701\", …]`";

  private final Section section;

  ClusterReader(Section section) {
    this.section = section;
  }

  ClusterConfig read() {
    var standard = ClusterConfig.DEFAULT;
    var read =
        new ClusterConfig(
            section.resolved("name").orElse(standard.name()),
            port("port", ClusterConfig.DEFAULT_PORT),
            section.resolved("host"),
            port("bus-port", 0).orElse(standard.busPort()),
            new Announced(
                section.resolved("public-host"),
                port("public-port", ClusterConfig.DEFAULT_PORT),
                port("public-bus-port", ClusterConfig.DEFAULT_PORT)),
            discovery(),
            section
                .section("failure-detection")
                .map(ClusterReader::detection)
                .orElse(Detection.DEFAULT));
    section.end();
    return read;
  }

  private Optional<Integer> port(String key, int example) {
    return section.whole(key, 0, MAX_PORT, example).map(Long::intValue);
  }

  private Discovery discovery() {
    var ways = Stream.of("members", "dns", "kubernetes").filter(section::has).toList();
    if (ways.size() > 1) {
      section.problem(
          ways.get(1), "stands besides `" + ways.get(0) + "`", "keep one way to find other nodes");
    }
    var dns = section.resolved("dns");
    var kubernetes = section.section("kubernetes").flatMap(ClusterReader::kubernetes);
    var members = section.texts("members", MEMBERS);
    members.stream()
        .filter(member -> !isMember(member))
        .forEach(
            member ->
                section.problem(
                    "members",
                    Section.shown(member) + " is not ADDRESS or ADDRESS:PORT",
                    "write " + MEMBERS));
    return dns.<Discovery>map(Discovery.Dns::new)
        .or(() -> kubernetes)
        .orElseGet(() -> new Discovery.Members(members));
  }

  /** Whether a text is an address or a name, with or without a port. */
  static boolean isMember(String text) {
    return text.matches("(\\[[0-9a-fA-F:.]+]|[^\\s:\\[\\]]+)(:[0-9]{1,5})?");
  }

  private static Optional<Discovery> kubernetes(Section section) {
    section.require("service", "write `kubernetes: {service: tidemark}`");
    var service = section.resolved("service");
    var namespace = section.resolved("namespace");
    section.end();
    return service.map(name -> new Discovery.Kubernetes(name, namespace));
  }

  private static Detection detection(Section section) {
    var standard = Detection.DEFAULT;
    var read =
        new Detection(
            section.duration("heartbeat", SHORTEST, LONGEST, "1s").orElse(standard.heartbeat()),
            section.duration("lost-after", SHORTEST, LONGEST, "8s").orElse(standard.lostAfter()),
            section.duration("merge", SHORTEST, LONGEST, "5s").orElse(standard.merge()),
            section
                .duration("bus-ping", Duration.ofMillis(100), LONGEST, "1s")
                .orElse(standard.busPing()));
    var shortest = read.heartbeat().multipliedBy(3);
    if (read.lostAfter().compareTo(shortest) < 0) {
      section.problem(
          section.has("lost-after") ? "lost-after" : "heartbeat",
          DurationText.of(read.lostAfter())
              + " is shorter than three heartbeats of "
              + DurationText.of(read.heartbeat()),
          "write " + DurationText.of(shortest) + " or more for lost-after");
    }
    section.end();
    return read;
  }

  /** Members as the command line names them, separated by commas; empty: not such a list. */
  static Optional<List<String>> members(String text) {
    var members = Stream.of(text.split(",", -1)).map(String::strip).toList();
    return members.stream().allMatch(ClusterReader::isMember)
        ? Optional.of(members)
        : Optional.empty();
  }
}
