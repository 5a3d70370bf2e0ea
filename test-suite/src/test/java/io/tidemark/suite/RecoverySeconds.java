package io.tidemark.suite;

import io.tidemark.common.refresh.RefreshState;
import io.tidemark.toxiproxy.harness.Node;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One loss in a cluster of its own: nodes {@code a} (leads), {@code b} (stands by) and {@code c},
 * {@code d}, {@code e} (work), all timings as they are by default.
 */
final class RecoverySeconds implements AutoCloseable {
  static final int ROWS = 128_000;
  private static final int LANES = 2;

  /** So that VNodes take a second, and the machine is not what is measured. */
  private static final int ROWS_PER_SECOND = 3_200;

  private static final int UNLIMITED = 1_000_000;
  private static final double SECOND = 1e9;
  private static final long WATCH_NANOS = TimeUnit.SECONDS.toNanos(3);

  enum Loss {
    EXECUTOR_KILLED,
    EXECUTOR_CUT,
    LEADER_KILLED
  }

  /**
   * Seconds from the fault.
   *
   * @param released until the first of the lost VNodes is free; of a leader: until another's
   *     barrier is out
   * @param firstClaimed until another has one of them; of a leader: as {@code released}
   * @param lastClaimed until others have all; of a leader: until an epoch of the next is committed
   * @param unsaved seconds of work that its lanes had done since their last checkpoints, at most
   */
  record Measured(double released, double firstClaimed, double lastClaimed, double unsaved) {}

  /** A VNode that is not complete. */
  private record Row(String owner, long generation, long rowsRead) {}

  private final Databases databases;
  private final FailureWatch watch;
  private final ProxiedNodes nodes;

  RecoverySeconds(Path folder, boolean isolated) throws Exception {
    databases = new Databases();
    watch = new FailureWatch(databases.homeAddress);
    nodes =
        new ProxiedNodes(
            databases,
            folder,
            new ProxiedNodes.Settings(
                "name: bench",
                """
                executor: {lanes: %d}
                tables:
                  - name: t
                    source: {type: postgres, url: "${env:SOURCE}", table: public.t}
                    target: public.t
                    throttle: {rows-per-second: %d}
                """
                    .formatted(LANES, ROWS_PER_SECOND),
                ProxiedNodes.Settings.SMALL),
            isolated);
    for (var side : List.of(databases.source, databases.home)) {
      Databases.execute(
          side,
          "CREATE TABLE public.t (id bigint PRIMARY KEY, v text NOT NULL)",
          "INSERT INTO public.t SELECT i, repeat(md5(i::text), 10) FROM generate_series(1, "
              + ROWS
              + ") i");
    }
    Databases.execute(databases.source, "UPDATE public.t SET v = v || 'new'");
    var first = nodes.begin("a", "frontend,meta");
    ProxiedNodes.awaitReady(first);
    var rest =
        Stream.concat(
                Stream.of(nodes.begin("b", "frontend,meta")),
                Stream.of("c", "d", "e").map(name -> nodes.begin(name, "executor")))
            .toList();
    rest.forEach(ProxiedNodes::awaitReady);
    Until.holds("all executors are known", () -> nodes.liveExecutors() == 3);
  }

  Measured measure(Loss loss) throws Exception {
    var id = nodes.refresh("t");
    Until.holds("a fifth is merged", () -> watch.completed(id) >= 256 / 5 && watch.works("c", id));
    var measured =
        switch (loss) {
          case EXECUTOR_KILLED -> executor(id, Node::kill);
          case EXECUTOR_CUT -> executor(id, Node::isolate);
          case LEADER_KILLED -> leader(id);
        };
    finish(id);
    return measured;
  }

  private void finish(long id) throws Exception {
    watch.throttle(id, UNLIMITED);
    Until.holds(
        "it has ended", () -> !List.of("REFRESHING", "FINISHING").contains(watch.state(id)));
    if (!watch.state(id).equals(RefreshState.SUCCEEDED.name()) || different() > 0) {
      throw new AssertionError("not as the source: " + nodes.view(id));
    }
  }

  private long different() throws Exception {
    return Databases.number(
        watch.home(),
        "SELECT count(*) FROM public.t WHERE v <> repeat(md5(id::text), 10) || 'new'");
  }

  private interface Strike {
    Node on(Node victim);
  }

  private Measured executor(long id, Strike strike) throws Exception {
    var unsaved = unsaved(id);
    var began = System.nanoTime();
    strike.on(nodes.cluster.node("c"));
    var lost = new HashMap<Integer, Row>();
    rows(id)
        .forEach(
            (vnode, row) -> {
              if (row.owner().startsWith("c-")) {
                lost.put(vnode, row);
              }
            });
    var released = new ArrayList<Double>();
    var claimed = new HashMap<Integer, Double>();
    Until.holds(
        "others have all of " + lost.keySet(),
        () -> {
          var now = rows(id);
          var seconds = (System.nanoTime() - began) / SECOND;
          lost.forEach(
              (vnode, before) -> {
                var row = now.get(vnode);
                if (row == null || row.generation() > before.generation()) {
                  released.add(seconds);
                  if (row == null || !row.owner().isEmpty()) {
                    claimed.putIfAbsent(vnode, seconds);
                  }
                }
              });
          return claimed.size() == lost.size();
        });
    var times = claimed.values().stream().sorted().toList();
    return new Measured(released.getFirst(), times.getFirst(), times.getLast(), unsaved);
  }

  /**
   * Watches the victim for a while: seconds since the oldest of the last checkpoints of the VNodes
   * that it is in the middle of.
   */
  private double unsaved(long id) throws Exception {
    var saved = new HashMap<Integer, Long>();
    var seen = new HashMap<Integer, Long>();
    var end = System.nanoTime() + WATCH_NANOS;
    Until.holds(
        "it was watched, and works",
        () -> {
          var now = System.nanoTime();
          var mine = new HashMap<Integer, Long>();
          rows(id)
              .forEach(
                  (vnode, row) -> {
                    if (row.owner().startsWith("c-") && row.rowsRead() > 0) {
                      mine.put(vnode, row.rowsRead());
                      if (!Long.valueOf(row.rowsRead()).equals(seen.put(vnode, row.rowsRead()))) {
                        saved.put(vnode, now);
                      }
                    }
                  });
          saved.keySet().retainAll(mine.keySet());
          return now > end && !saved.isEmpty();
        });
    var oldest = saved.values().stream().mapToLong(Long::longValue).min().orElseThrow();
    return (System.nanoTime() - oldest) / SECOND;
  }

  private Measured leader(long id) throws Exception {
    var term = watch.term();
    var epoch = epoch(id);
    var began = System.nanoTime();
    nodes.cluster.node("a").kill();
    Until.holds(
        "another's barrier is out",
        () ->
            Databases.number(watch.home(), "SELECT max(term) FROM tidemark.announced_barrier")
                > term);
    var barrier = (System.nanoTime() - began) / SECOND;
    Until.holds("its epoch is committed", () -> epoch(id) > epoch + 1);
    return new Measured(barrier, barrier, (System.nanoTime() - began) / SECOND, 0);
  }

  private long epoch(long id) throws Exception {
    return Databases.number(watch.home(), "SELECT epoch FROM tidemark.refreshes WHERE id = " + id);
  }

  /** By number, those that are not complete. */
  private Map<Integer, Row> rows(long id) throws Exception {
    return Databases.column(
            watch.home(),
            "SELECT vnode || ' ' || generation || ' ' || rows_read || ' ' || coalesce(owner, '')"
                + " FROM tidemark.refresh_progress WHERE NOT is_completed AND refresh_id = "
                + id)
        .stream()
        .map(line -> line.split(" ", -1))
        .collect(
            Collectors.toMap(
                cells -> Integer.parseInt(cells[0]),
                cells -> new Row(cells[3], Long.parseLong(cells[1]), Long.parseLong(cells[2]))));
  }

  @Override
  public void close() throws SQLException {
    nodes.close();
    watch.close();
    databases.close();
  }
}
