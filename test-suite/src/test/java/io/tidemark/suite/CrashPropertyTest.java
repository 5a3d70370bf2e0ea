package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.bus.Json;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RefreshView;
import io.tidemark.toxiproxy.Link;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random tables, random edits, and a process that is killed, or whose lanes lose their connections,
 * at random moments: whatever happens, the refresh that the last process ends makes both tables
 * equal byte for byte, its feed holds each change once, its counters are those of the difference,
 * and no VNode that was complete is read again.
 *
 * <p>{@code -Dtidemark.seeds=N} runs more of them, {@code -Dtidemark.seed=S} one.
 */
class CrashPropertyTest {
  private static final int VNODES = 16;
  private static final int LANES = 2;
  private static final int MIN_ROWS = 2_000;
  private static final int MAX_ROWS = 9_000;
  private static final int REFRESHES = 2;
  private static final long BYTES_A_CONNECTION = 64 << 10;

  @TempDir Path folder;

  static LongStream seeds() {
    var one = Long.getLong("tidemark.seed");
    return one != null
        ? LongStream.of(one)
        : LongStream.rangeClosed(1, Long.getLong("tidemark.seeds", 4));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aRefreshThatIsKilledAtAnyMomentEndsAsIfItHadNotBeen(long seed) throws Exception {
    var random = new Random(seed);
    var table = new RandomTable(seed, MIN_ROWS, MAX_ROWS);
    var vertx = Vertx.vertx();
    try (var databases = new Databases()) {
      var link =
          Link.open(vertx, databases.sourceAddress.host(), databases.sourceAddress.port())
              .await(10, TimeUnit.SECONDS);
      var config =
          Files.writeString(
              folder.resolve("tidemark.yaml"), config(databases, link, table, random));
      table.create(databases.source);
      var before = new TableImage(Map.of(), "");
      var earlier = 0L;
      for (var i = 0; i <= REFRESHES; i++) {
        if (i > 0) {
          table.edit(databases.source);
        }
        var readBefore = link.bytesDownstream();
        var openedBefore = link.connectionsOpened();
        var after = TableImage.of(databases.source, "public.t", table.keyColumns());
        var interruptions = interrupt(databases, config, random);
        var view = finish(config);
        check(databases, table, before, after, view, earlier);
        earlier = view.id();
        assertThat(link.bytesDownstream() - readBefore)
            .as("bytes that left the source, with %d interruptions", interruptions)
            .isLessThanOrEqualTo(
                mostBytes(view, interruptions, link.connectionsOpened() - openedBefore));
        before = after;
      }
    } catch (AssertionError | Exception e) {
      throw new AssertionError("seed " + seed + ", " + table + ": " + e.getMessage(), e);
    } finally {
      vertx.close().await(10, TimeUnit.SECONDS);
    }
  }

  /** Runs the command up to two times and ends it, or some of its connections, at some moment. */
  private int interrupt(Databases databases, Path config, Random random) throws Exception {
    var times = random.nextInt(3);
    for (var i = 0; i < times; i++) {
      var moment = random.nextDouble();
      try (var process = sync(config)) {
        Until.holds(
            "the refresh is " + moment + " through",
            () -> !process.isAlive() || completed(databases) >= moment);
        if (random.nextInt(4) == 0) {
          cutConnections(databases, random);
          process.await();
        } else {
          process.kill();
        }
      }
      if (active(databases) == 0) {
        return i + 1; // it was faster
      }
    }
    return times;
  }

  private RefreshView finish(Path config) throws Exception {
    try (var process = sync(config)) {
      assertThat(process.await()).as(process.err()).isZero();
      return Json.MAPPER.readValue(process.out(), RefreshView.class);
    }
  }

  private TidemarkProcess sync(Path config) throws Exception {
    return TidemarkProcess.start(folder, "sync", "-f", config.toString(), "t", "--json");
  }

  private static void check(
      Databases databases,
      RandomTable table,
      TableImage before,
      TableImage after,
      RefreshView view,
      long earlier)
      throws Exception {
    // A process that was killed too late has ended the refresh: the last one found nothing to do.
    var last =
        Databases.number(
            databases.home,
            "SELECT min(id) FROM tidemark.refreshes WHERE state = 'SUCCEEDED' AND id > " + earlier);
    assertThat(view.state()).isEqualTo(RefreshState.SUCCEEDED);
    assertThat(TableImage.of(databases.home, "public.t", table.keyColumns())).isEqualTo(after);
    var counters = counters(databases, last);
    var difference = before.to(after);
    assertThat(counters)
        .isEqualTo(
            Map.of(
                "read", (long) after.rows().size(),
                "inserted", difference.inserted(),
                "updated", difference.updated(),
                "deleted", difference.deleted()));
    var firstLoad =
        Databases.number(
                databases.home, "SELECT first_load::int FROM tidemark.refreshes WHERE id = " + last)
            == 1;
    if (!firstLoad && !before.equals(after)) {
      var changes = Feed.of(databases.home, last, table.keyColumns());
      assertThat(Feed.replay(before.rows(), changes)).isEqualTo(after.rows());
      assertThat(changes)
          .hasSize((int) (difference.inserted() + difference.updated() + difference.deleted()));
    }
    assertThat(
            Databases.number(
                databases.home,
                "SELECT count(*) FROM pg_class WHERE relnamespace = 'tidemark'::regnamespace"
                    + " AND relname LIKE 'load%' AND relkind = 'r'"))
        .isZero();
  }

  private static Map<String, Long> counters(Databases databases, long refresh) throws Exception {
    var counters = new HashMap<String, Long>();
    try (var statement = databases.home.createStatement();
        var row =
            statement.executeQuery(
                "SELECT sum(rows_read) AS read, sum(rows_inserted) AS inserted, sum(rows_updated) AS"
                    + " updated, sum(rows_deleted) AS deleted FROM tidemark.refresh_progress WHERE"
                    + " refresh_id = "
                    + refresh)) {
      row.next();
      for (var name : new String[] {"read", "inserted", "updated", "deleted"}) {
        counters.put(name, row.getLong(name));
      }
    }
    return counters;
  }

  /** A lane that is cut off reads its VNode's rest again; nobody reads more than that. */
  private static long mostBytes(RefreshView view, int interruptions, long connections) {
    var all = Math.max(view.bytesRead(), 1);
    // One refresh more: a process that was killed too late had ended one, and another followed.
    return 2 * all
        + (long) interruptions * LANES * (2 * all / VNODES)
        + (connections + 1) * BYTES_A_CONNECTION;
  }

  private static double completed(Databases databases) throws Exception {
    return Databases.number(
                databases.home,
                "SELECT CASE WHEN to_regclass('tidemark.refresh_progress') IS NULL THEN 0 ELSE 1 END")
            == 0
        ? 0
        : Databases.number(
                databases.home,
                "SELECT 1000 * count(*) FILTER (WHERE is_completed) / greatest(1, count(*)) FROM"
                    + " tidemark.refresh_progress p JOIN tidemark.refreshes r ON r.id = p.refresh_id"
                    + " WHERE r.state IN ('REFRESHING', 'FINISHING')")
            / 1_000.0;
  }

  private static long active(Databases databases) throws Exception {
    return Databases.number(
                databases.home,
                "SELECT CASE WHEN to_regclass('tidemark.refreshes') IS NULL THEN 1 ELSE 0 END")
            == 1
        ? 1
        : Databases.number(
            databases.home,
            "SELECT count(*) FROM tidemark.refreshes WHERE state IN ('REFRESHING', 'FINISHING')");
  }

  private static void cutConnections(Databases databases, Random random) throws Exception {
    var side = random.nextBoolean() ? databases.source : databases.home;
    Databases.execute(
        side,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE"
            + " 'tidemark %lane%' AND datname = current_database()");
  }

  private static String config(Databases databases, Link link, RandomTable table, Random random) {
    return """
        home: "%s"
        meta: {barrier-interval: 50ms, lease: 1s}
        executor: {lanes: %d, chunk-rows: %d}
        tables:
          - name: t
            source: {type: postgres, url: "postgresql://postgres@localhost:%d/%s", table: public.t}
            target: public.t
            key: %s
            vnodes: %d
            visibility: %s
            throttle: {rows-per-second: %d}
            guard: {max-delete-ratio: 1}
        """
        .formatted(
            databases.homeAddress.url(),
            LANES,
            1 + random.nextInt(200),
            link.port(),
            databases.sourceAddress.database(),
            table.keyList(),
            VNODES,
            random.nextBoolean() ? "atomic" : "progressive",
            4_000 + random.nextInt(8_000));
  }
}
