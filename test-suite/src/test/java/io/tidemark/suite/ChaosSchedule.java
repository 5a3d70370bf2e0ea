package io.tidemark.suite;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * All faults of a soak, which follow from its seed, its length and the names of its nodes alone.
 *
 * @param strikes in the order of their beginnings
 */
record ChaosSchedule(List<Strike> strikes) {
  /** Stands for the node that leads at that moment. */
  static final String LEADER = "leader";

  /** Stands for a server of databases. */
  static final String DATABASE = "database";

  /** More at once would leave nobody to go on. */
  private static final int MOST_AT_ONCE = 2;

  private static final int LEAST_GAP_MILLIS = 500;
  private static final int MOST_GAP_MILLIS = 4_000;

  /** For the last ones to be undone. */
  private static final int QUIET_END_MILLIS = 2_000;

  ChaosSchedule {
    strikes = List.copyOf(strikes);
  }

  /**
   * One fault.
   *
   * @param at milliseconds since the beginning
   * @param lasting milliseconds until it is undone
   * @param victim a node, {@link #LEADER} or {@link #DATABASE}
   */
  record Strike(int at, int lasting, ChaosFault fault, String victim) {
    int end() {
      return at + lasting;
    }

    @Override
    public String toString() {
      return "%.1f s %s %s for %.1f s".formatted(at / 1e3, fault, victim, lasting / 1e3);
    }
  }

  static ChaosSchedule of(long seed, int seconds, List<String> nodes) {
    var random = new SplittableRandom(seed);
    var strikes = new ArrayList<Strike>();
    var end = seconds * 1_000 - QUIET_END_MILLIS;
    for (var at = gap(random); at < end; at += gap(random)) {
      var now = at;
      var busy = strikes.stream().filter(strike -> strike.end() >= now).toList();
      var strike = strike(random, at, nodes);
      if (busy.size() < MOST_AT_ONCE
          && strike.end() <= end
          && busy.stream().noneMatch(other -> other.victim().equals(strike.victim()))) {
        strikes.add(strike);
      }
    }
    return new ChaosSchedule(strikes);
  }

  private static Strike strike(SplittableRandom random, int at, List<String> nodes) {
    var faults = ChaosFault.values();
    var fault = faults[random.nextInt(faults.length)];
    var lasting = random.nextInt(fault.leastMillis, fault.mostMillis + 1);
    var node = random.nextInt(nodes.size() + 1);
    var victim = node == nodes.size() ? LEADER : nodes.get(node);
    return new Strike(at, lasting, fault, fault.isOfDatabase() ? DATABASE : victim);
  }

  private static int gap(SplittableRandom random) {
    return random.nextInt(LEAST_GAP_MILLIS, MOST_GAP_MILLIS);
  }

  @Override
  public String toString() {
    return strikes.stream().map(Strike::toString).collect(joining("\n"));
  }
}
