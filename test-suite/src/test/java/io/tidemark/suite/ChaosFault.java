package io.tidemark.suite;

import java.util.Locale;

/** What the soak does to a node, or to a server of databases, and how long it may last. */
enum ChaosFault {
  /** SIGKILL; started again after that time. */
  KILL(500, 6_000),
  /** SIGTERM; likewise. */
  DRAIN(0, 4_000),
  /** SIGSTOP for longer than the lease and the patience with executors; then it wakes up. */
  PAUSE(4_000, 9_000),
  CUT_FROM_HOME(1_000, 8_000),
  CUT_FROM_SOURCE(1_000, 8_000),
  CUT_FROM_BUS(2_000, 9_000),
  /** Connections stay open, and nothing comes through. */
  SILENT_HOME(1_000, 8_000),
  SILENT_SOURCE(1_000, 8_000),
  SLOW_LINKS(2_000, 10_000),
  /** Its network cable is pulled, or, where nodes have none, all its links are cut. */
  ISOLATE(3_000, 9_000),
  HOME_KILL(0, 0),
  HOME_PAUSE(1_000, 6_000),
  SOURCE_KILL(0, 0),
  SOURCE_PAUSE(1_000, 6_000);

  final int leastMillis;
  final int mostMillis;

  ChaosFault(int leastMillis, int mostMillis) {
    this.leastMillis = leastMillis;
    this.mostMillis = mostMillis;
  }

  boolean isOfDatabase() {
    return switch (this) {
      case HOME_KILL, HOME_PAUSE, SOURCE_KILL, SOURCE_PAUSE -> true;
      case KILL,
          DRAIN,
          PAUSE,
          CUT_FROM_HOME,
          CUT_FROM_SOURCE,
          CUT_FROM_BUS,
          SILENT_HOME,
          SILENT_SOURCE,
          SLOW_LINKS,
          ISOLATE ->
          false;
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
