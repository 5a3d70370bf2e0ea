package io.tidemark.suite.simulation;

import io.tidemark.common.bus.BarrierAck;
import io.tidemark.common.config.GuardPolicy;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RowCounts;
import io.tidemark.meta.core.Coordinator;
import io.tidemark.meta.core.Effect;
import io.tidemark.meta.core.Event;
import io.tidemark.meta.core.LeaderState;
import io.tidemark.meta.core.Loading;
import io.tidemark.meta.core.Policy;
import io.tidemark.meta.core.RefreshRow;
import io.tidemark.meta.core.Trouble;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What one barrier round costs the coordinator alone, on one core: the round itself and the answers
 * of all executors. See {@code test-suite/soak/coordinator} and {@code docs/SCALE.md}.
 */
public final class CoordinatorScale {
  private static final int ROUNDS_TO_WARM_UP = 60;
  private static final int ROUNDS = 300;
  private static final long SECOND = 1_000_000_000;

  private final int executors;
  private final int tables;
  private final int vnodes;
  private LeaderState state = LeaderState.begin(1, 0, 3 * SECOND);
  private long committed;

  private CoordinatorScale(int executors, int tables, int vnodes) {
    this.executors = executors;
    this.tables = tables;
    this.vnodes = vnodes;
  }

  /**
   * Measures.
   *
   * @param arguments sizes, three numbers each: executors, tables, VNodes of all tables together
   */
  public static void main(String[] arguments) {
    System.out.println("| executors | tables | VNodes | p50 ms | p99 ms | most ms |");
    System.out.println("| ---: | ---: | ---: | ---: | ---: | ---: |");
    for (var i = 0; i + 2 < arguments.length; i += 3) {
      new CoordinatorScale(
              Integer.parseInt(arguments[i]),
              Integer.parseInt(arguments[i + 1]),
              Integer.parseInt(arguments[i + 2]))
          .measure();
    }
  }

  private void measure() {
    var nanos = new long[ROUNDS];
    for (var round = 1; round <= ROUNDS_TO_WARM_UP + ROUNDS; round++) {
      var now = round * SECOND;
      var acks = acks(round);
      var rows = rows(round);
      var begun = System.nanoTime();
      handle(new Event.Round(now, round, rows));
      for (var i = 0; i < acks.size(); i++) {
        handle(new Event.Acknowledged(now + i, acks.get(i)));
      }
      if (round > ROUNDS_TO_WARM_UP) {
        nanos[round - ROUNDS_TO_WARM_UP - 1] = System.nanoTime() - begun;
      }
    }
    if (committed < ROUNDS) {
      throw new IllegalStateException("only " + committed + " epochs were committed");
    }
    Arrays.sort(nanos);
    System.out.printf(
        "| %,d | %,d | %,d | %.1f | %.1f | %.1f |%n",
        executors,
        tables,
        vnodes,
        nanos[ROUNDS / 2] / 1e6,
        nanos[ROUNDS * 99 / 100] / 1e6,
        nanos[ROUNDS - 1] / 1e6);
  }

  private void handle(Event event) {
    var step = Coordinator.handle(state, event);
    state = step.state();
    for (var effect : step.effects()) {
      committed += effect instanceof Effect.CommitEpoch ? 1 : 0;
    }
  }

  /** Every executor reports on every table. */
  private List<BarrierAck> acks(int round) {
    var acks = new ArrayList<BarrierAck>();
    for (var executor = 0; executor < executors; executor++) {
      var reports = new ArrayList<BarrierAck.Report>();
      for (var table = 0; table < tables; table++) {
        reports.add(new BarrierAck.Report(table, 1, BarrierAck.Work.MERGING, 2, 0, 0, null));
      }
      acks.add(new BarrierAck(1, round, "executor-" + executor, reports));
    }
    return acks;
  }

  /** Half of the VNodes are complete, the others are owned by as many executors as there can be. */
  private List<RefreshRow> rows(int round) {
    var rows = new ArrayList<RefreshRow>();
    var each = vnodes / tables;
    for (var table = 0; table < tables; table++) {
      var owners = new HashSet<String>();
      for (var vnode = 0; vnode < each / 2; vnode++) {
        owners.add("executor-" + (table * 31 + vnode * 7) % executors);
      }
      rows.add(
          new RefreshRow(
              table,
              RefreshState.REFRESHING,
              false,
              false,
              true,
              false,
              1,
              1,
              round * 1_000L,
              new Policy(GuardPolicy.DEFAULT, OptionalLong.of(7_200_000), OptionalLong.empty()),
              Loading.NONE,
              each,
              each / 2,
              new RowCounts(1_000_000, 10, 10, 10),
              owners,
              Optional.empty(),
              Trouble.NONE));
    }
    return rows;
  }
}
