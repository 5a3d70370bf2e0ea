package io.tidemark.suite.simulation;

import io.tidemark.suite.simulation.home.HomeModel;
import io.tidemark.suite.simulation.invariant.Invariant;
import java.util.List;
import java.util.Optional;

/** One run of one cluster, all of which follows from its seed. */
public final class Schedule {
  private static final int STEPS_TO_PRINT = 80;

  /** After the faults, for everything that is under way to end, and for one more refresh. */
  private static final long SETTLE_MILLIS = 120_000;

  private static final long MAX_EVENTS = 500_000;

  private final Cluster cluster;
  private final Faults faults;
  private final Operator operator;
  private final List<Invariant> invariants;
  private final Trace trace;

  private Schedule(long seed, Mutant mutant, int traced) {
    this.trace = new Trace(traced);
    this.cluster = new Cluster(seed, mutant, trace);
    this.faults = new Faults(cluster);
    this.operator = new Operator(cluster, faults);
    this.invariants = Invariant.all();
  }

  /**
   * A violation that a seed leads to.
   *
   * @param steps the last ones before it
   */
  public record Failure(long seed, Mutant mutant, Violation violation, List<String> steps) {
    @Override
    public String toString() {
      return "seed %d%s violates %s%n%n  the last steps before:%n  %s%n"
          .formatted(
              seed,
              mutant == Mutant.NONE ? "" : " with mutant " + mutant,
              violation.getMessage(),
              String.join("\n  ", steps));
    }
  }

  /**
   * How a seed went.
   *
   * @param events that happened in it
   */
  record Outcome(
      Optional<Failure> failure, long events, long simulatedMillis, HomeModel.Counts counts) {}

  /** Runs a seed; where it fails, once more, to tell how it came to that. */
  public static Optional<Failure> run(long seed, Mutant mutant) {
    return outcome(seed, mutant).failure();
  }

  static Outcome outcome(long seed, Mutant mutant) {
    var schedule = new Schedule(seed, mutant, 0);
    var failure = schedule.run().map(first -> replay(seed, mutant, first));
    return new Outcome(
        failure,
        schedule.cluster.time.events(),
        schedule.cluster.now(),
        schedule.cluster.database.counts);
  }

  private static Failure replay(long seed, Mutant mutant, Violation first) {
    var replay = new Schedule(seed, mutant, STEPS_TO_PRINT);
    var again = replay.run();
    if (again.isEmpty() || !again.get().getMessage().equals(first.getMessage())) {
      throw new IllegalStateException(
          "seed %d does not replay: %s, then %s"
              .formatted(seed, first.getMessage(), again.map(Violation::getMessage)),
          first);
    }
    return new Failure(seed, mutant, first, replay.trace.steps());
  }

  private Optional<Violation> run() {
    try {
      operator.begin();
      faults.begin();
      while (!operator.isContent()) {
        if (!cluster.time.step()) {
          throw new Violation("Ends", "nothing happens any more");
        }
        for (var invariant : invariants) {
          invariant.check(cluster);
        }
        cluster.database.journal.clear();
        cluster.opened().clear();
        limits();
      }
      return Optional.empty();
    } catch (Violation violation) {
      return Optional.of(violation);
    }
  }

  private void limits() {
    if (cluster.now() > cluster.settings.faultsMillis() + SETTLE_MILLIS) {
      throw new Violation(
          "Ends",
          "not every table had a refresh that succeeded %d s after the faults: %s"
              .formatted(SETTLE_MILLIS / 1_000, cluster.unfinished()));
    }
    if (cluster.time.events() > MAX_EVENTS) {
      throw new Violation("Bounded", MAX_EVENTS + " events in one schedule");
    }
  }
}
