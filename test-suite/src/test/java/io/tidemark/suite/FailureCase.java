package io.tidemark.suite;

import io.tidemark.common.refresh.Visibility;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** One thing that happens to one part of a cluster at one stage of a refresh. */
record FailureCase(Victim victim, Fault fault, Moment moment, Visibility visibility) {
  enum Victim {
    EXECUTOR,
    LEADER,
    FRONTEND,
    SOURCE,
    HOME;

    boolean isDatabase() {
      return this == SOURCE || this == HOME;
    }
  }

  enum Fault {
    KILL,
    /** Longer than the lease and the patience with executors; then it wakes up. */
    PAUSE,
    CUT_FROM_HOME,
    CUT_FROM_SOURCE,
    CUT_FROM_BUS,
    CUT_FROM_EVERYTHING,
    SLOW_LINK
  }

  enum Moment {
    PLANNING(0),
    MERGING_10(10),
    MERGING_50(50),
    MERGING_95(95),
    AWAITING_APPROVAL(100),
    FINISHING(100);

    final int percent;

    Moment(int percent) {
      this.percent = percent;
    }

    boolean isMerging() {
      return this == MERGING_10 || this == MERGING_50 || this == MERGING_95;
    }

    /** Whether the guard must ask a person on the way there. */
    boolean isAsked() {
      return this == AWAITING_APPROVAL || this == FINISHING;
    }
  }

  /** A few that stand for the rest, in each build. */
  static final Set<FailureCase> CORE =
      Set.of(
          new FailureCase(Victim.EXECUTOR, Fault.KILL, Moment.MERGING_50, Visibility.ATOMIC),
          new FailureCase(Victim.LEADER, Fault.KILL, Moment.MERGING_50, Visibility.PROGRESSIVE),
          new FailureCase(
              Victim.EXECUTOR, Fault.CUT_FROM_HOME, Moment.MERGING_50, Visibility.PROGRESSIVE),
          new FailureCase(
              Victim.EXECUTOR, Fault.CUT_FROM_SOURCE, Moment.MERGING_50, Visibility.ATOMIC));

  /** All that have a meaning. */
  static List<FailureCase> all() {
    var all = new ArrayList<FailureCase>();
    for (var victim : Victim.values()) {
      for (var fault : Fault.values()) {
        for (var moment : Moment.values()) {
          for (var visibility : Visibility.values()) {
            var it = new FailureCase(victim, fault, moment, visibility);
            if (it.hasMeaning()) {
              all.add(it);
            }
          }
        }
      }
    }
    return all;
  }

  private boolean hasMeaning() {
    return switch (victim) {
      // Only executors reach the source, and only until all is merged.
      case EXECUTOR -> fault != Fault.CUT_FROM_SOURCE || !moment.isAsked();
      case LEADER, FRONTEND -> fault != Fault.CUT_FROM_SOURCE;
      case SOURCE -> isOfDatabase() && !moment.isAsked();
      case HOME -> isOfDatabase();
    };
  }

  private boolean isOfDatabase() {
    return switch (fault) {
      case KILL, PAUSE, CUT_FROM_EVERYTHING, SLOW_LINK -> true;
      case CUT_FROM_HOME, CUT_FROM_SOURCE, CUT_FROM_BUS -> false;
    };
  }

  /** Whether its node needs a network of its own. */
  boolean isIsolated() {
    return fault == Fault.CUT_FROM_EVERYTHING && !victim.isDatabase();
  }

  /** {@code executor kill merging-50 atomic}. */
  @Override
  public String toString() {
    return "%s %s %s %s"
        .formatted(victim, fault, moment, visibility)
        .toLowerCase(Locale.ROOT)
        .replace('_', '-');
  }
}
