package io.tidemark.suite.simulation;

/** Any number of schedules, by hand: see {@code test-suite/soak/simulation}. */
public final class SimulationSoak {
  private static final int SCHEDULES_BETWEEN_WORDS = 10_000;

  private SimulationSoak() {}

  /**
   * Runs them.
   *
   * @param arguments how many, the first seed, and the name of a {@link Mutant}
   */
  public static void main(String[] arguments) {
    var count = Long.parseLong(arguments[0]);
    var first = Long.parseLong(arguments[1]);
    var mutant = Mutant.valueOf(arguments[2]);
    var begun = System.nanoTime();
    long events = 0;
    long millis = 0;
    var fenced = 0L;
    var recovered = 0L;
    for (var seed = first; seed < first + count; seed++) {
      var outcome = Schedule.outcome(seed, mutant);
      if (outcome.failure().isPresent()) {
        System.out.println(outcome.failure().get());
        System.exit(1);
      }
      events += outcome.events();
      millis += outcome.simulatedMillis();
      fenced += outcome.counts().fenced;
      recovered += outcome.counts().released + outcome.counts().snapshotsLost;
      var done = seed - first + 1;
      if (done % SCHEDULES_BETWEEN_WORDS == 0 || done == count) {
        var seconds = (System.nanoTime() - begun) / 1e9;
        System.out.printf(
            "%,d schedules hold: %.2f ms, %.0f events, %.0f simulated s each; %,d writes fenced,"
                + " %,d VNodes and snapshots recovered%n",
            done,
            1_000 * seconds / done,
            (double) events / done,
            millis / 1_000.0 / done,
            fenced,
            recovered);
      }
    }
  }
}
