package io.tidemark.suite;

import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.bus.Json;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * Refreshes one table again and again while its source changes and parts of the cluster fail, and
 * checks after each what must always hold. Throws AssertionError where it does not.
 */
final class ChaosRefreshes implements AutoCloseable {
  /** A refresh of a few seconds that has all faults of a schedule against it. */
  private static final long END_NANOS = TimeUnit.SECONDS.toNanos(300);

  private static final long REQUEST_NANOS = TimeUnit.SECONDS.toNanos(120);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(400);
  private static final int MOST_FAILURES = 8;
  private static final int LANES = 2;

  /**
   * Executors whose VNodes were taken from them: the lost, and all where a strict refresh begins
   * again. Index: {@code refresh_recoveries_by_refresh}.
   */
  private static final String DISPOSSESSED =
      """
      SELECT sum(CASE WHEN cause = 'EXECUTOR_LOST' THEN 1
                      WHEN cause = 'SNAPSHOT_LOST' AND lower(r.definition ->> 'consistency') = 'strict' THEN %d
                      ELSE 0 END)
        FROM tidemark.refresh_recoveries c
        JOIN tidemark.refreshes r ON r.id = c.refresh_id
       WHERE c.refresh_id = %d
      """;

  private final ChaosTable table;
  private final ProxiedNodes nodes;
  private final VersionLog source;
  private final StatementLog statements;
  private final SteadyConnection home;
  private final ChaosDiary diary;
  private final SplittableRandom random;
  private final Map<String, Integer> results = new TreeMap<>();
  private Map<String, String> last = Map.of();
  private long lastId;
  private int lastAttempts;

  ChaosRefreshes(
      ChaosTable table,
      ProxiedNodes nodes,
      Databases databases,
      VersionLog source,
      StatementLog statements,
      ChaosDiary diary,
      long seed) {
    this.table = table;
    this.nodes = nodes;
    this.source = source;
    this.statements = statements;
    this.home = new SteadyConnection(databases.homeAddress);
    this.diary = diary;
    this.random = new SplittableRandom(seed);
  }

  /** Ends of refreshes so far, by their state. */
  Map<String, Integer> results() {
    return Map.copyOf(results);
  }

  /** What the target has: no other row than after the last refresh. */
  Map<String, String> last() {
    return last;
  }

  /** One refresh to its end, however often it must be asked for. */
  void refresh() throws Exception {
    var existed = dropNowAndThen();
    var before = existed ? rows() : Map.<String, String>of();
    assertThat(before.equals(last))
        .as(
            "nobody writes between refreshes of %s: %s",
            table.id(), ChaosWatch.difference(last, before))
        .isTrue();
    var versions = existed ? home.ask(this::rowVersions) : Map.<String, String>of();
    var from = source.newest();
    source.forget(from);
    var watch = new ChaosWatch(table, before, existed);
    for (var failures = 0; failures < MOST_FAILURES; failures++) {
      var id = request(failures > 0 ? Optional.of(lastId) : Optional.empty());
      var state = end(id, watch);
      results.merge(state, 1, Integer::sum);
      switch (state) {
        case "SUCCEEDED" -> {
          var after = check(id, before, from, existed, versions);
          diary.say("%s: refresh %d SUCCEEDED, %s".formatted(table.id(), id, recoveries(id)));
          last = after;
          return;
        }
        case "REJECTED" -> {
          diary.say("%s: refresh %d REJECTED".formatted(table.id(), id));
          assertThat(rows()).as("rows after it was rejected").isEqualTo(before);
          return;
        }
        case "FAILED" -> {
          var error =
              home.ask(
                  it ->
                      Databases.column(
                          it, "SELECT error::text FROM tidemark.refreshes WHERE id = " + id));
          diary.say("%s: refresh %d FAILED: %s".formatted(table.id(), id, error));
          assertThat(Json.MAPPER.readTree(error.getFirst()).path("retryable").asBoolean())
              .as("a fault that passes is retryable: %s", error)
              .isTrue();
        }
        default -> throw new AssertionError("refresh " + id + " is " + state);
      }
    }
    throw new AssertionError("%s failed %d times in a row".formatted(table.id(), MOST_FAILURES));
  }

  /** Whether there is a target. */
  private boolean dropNowAndThen() throws Exception {
    var exists =
        home.ask(
                    it ->
                        Databases.column(
                            it,
                            "SELECT 1 WHERE to_regclass('" + table.relation() + "') IS NOT NULL"))
                .size()
            > 0;
    if (exists && table.isLoadedAnew() && random.nextBoolean()) {
      home.ask(
          it -> {
            Databases.execute(it, "DROP TABLE IF EXISTS " + table.relation());
            return true;
          });
      last = Map.of();
      return false;
    }
    return exists;
  }

  private Map<String, String> rows() throws Exception {
    return home.ask(it -> TableImage.rows(it, table.relation(), "k"));
  }

  /** Which transaction wrote a row, by key. */
  private Map<String, String> rowVersions(Connection connection) throws Exception {
    var versions = new HashMap<String, String>();
    try (var statement = connection.createStatement();
        var row =
            statement.executeQuery("SELECT ROW(k)::text, xmin::text FROM " + table.relation())) {
      while (row.next()) {
        versions.put(row.getString(1), row.getString(2));
      }
    }
    return versions;
  }

  /**
   * Asks any node, or in SQL, until the refresh is there.
   *
   * @param failed the one that must be gone on with
   */
  private long request(Optional<Long> failed) throws Exception {
    within(REQUEST_NANOS, "refresh of " + table.id() + " can be asked for", this::isRequested);
    failed.ifPresent(id -> assertThat(lastId).as("the failed refresh is resumed").isEqualTo(id));
    return lastId;
  }

  private boolean isRequested() throws Exception {
    ask();
    return home.ask(
        connection -> {
          // Index: refreshes_by_table.
          try (var statement = connection.createStatement();
              var row =
                  statement.executeQuery(
                      "SELECT id, attempts FROM tidemark.refreshes WHERE table_name = '%s' ORDER BY id DESC LIMIT 1"
                          .formatted(table.id()))) {
            if (!row.next() || (row.getLong(1) == lastId && row.getInt(2) == lastAttempts)) {
              return false;
            }
            lastId = row.getLong(1);
            lastAttempts = row.getInt(2);
            return true;
          }
        });
  }

  private void ask() throws Exception {
    var all = nodes.cluster.nodes();
    var picked = random.nextInt(all.size() + 1);
    if (picked == all.size()) {
      home.ask(
          it -> {
            try {
              return Databases.column(it, "SELECT tidemark.refresh('" + table.id() + "')");
            } catch (SQLException e) {
              // object_in_use: it was asked for already, and the answer got lost.
              if ("55006".equals(e.getSQLState())) {
                return List.of();
              }
              throw e;
            }
          });
    } else {
      post(all.get(picked).name(), "/api/v1/tables/" + table.id() + "/refreshes");
    }
  }

  /** Whoever is cut off does not answer, or has no leader: then the next time another is asked. */
  private void post(String node, String path) {
    try {
      var answer = nodes.send(nodes.cluster.node(node), "POST", path);
      assertThat(answer.statusCode())
          .as("%s of %s: %s", path, node, answer.body())
          .isIn(200, 202, 409, 500, 502, 503, 504);
    } catch (IOException e) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  /** Looks at it until it has ended; a person's answers are given. The state. */
  private String end(long id, ChaosWatch watch) throws Exception {
    var states = new HashMap<String, String>();
    var rejects = !table.isProgressive() && random.nextInt(3) == 0;
    within(
        END_NANOS,
        "refresh " + id + " of " + table.id() + " has ended",
        () -> {
          var state = home.ask(it -> watch.look(it, id));
          states.put("last", state);
          if (state.equals("AWAITING_APPROVAL")) {
            var all = nodes.cluster.nodes();
            post(
                all.get(random.nextInt(all.size())).name(),
                "/api/v1/refreshes/" + id + (rejects ? "/reject" : "/approve"));
          }
          return !List.of("REFRESHING", "FINISHING", "AWAITING_APPROVAL").contains(state);
        });
    return states.getOrDefault("last", "");
  }

  private void within(long nanos, String what, Callable<Boolean> condition) throws Exception {
    var end = System.nanoTime() + nanos;
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "not within %d s: %s; %s"
                .formatted(
                    TimeUnit.NANOSECONDS.toSeconds(nanos),
                    what,
                    home.ask(
                        it ->
                            Databases.column(
                                it,
                                "SELECT row_to_json(r) FROM tidemark.refreshes r WHERE id = "
                                    + lastId))));
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  /** All that must hold of a refresh that has succeeded. The rows of its target. */
  private Map<String, String> check(
      long id, Map<String, String> before, long from, boolean existed, Map<String, String> versions)
      throws Exception {
    var to = source.newest();
    var after = rows();
    checkEqual(id, after, from, to);
    checkSkipped(id);
    if (existed) {
      checkOnce(id, before, after, versions);
    }
    return after;
  }

  private record VNode(
      Optional<String> lower, Optional<String> upper, int snapshot, Instant completed) {}

  /** What was read in one snapshot of the source is equal to one version of it. */
  private void checkEqual(long id, Map<String, String> after, long from, long to) throws Exception {
    var resumed = resumed(id);
    var bySnapshot = new TreeMap<Integer, List<VNode>>();
    for (var vnode : vnodes(id)) {
      if (resumed.contains(vnode.upper())) {
        checkMixture(vnode, after, from, to);
        continue;
      }
      bySnapshot.merge(
          vnode.snapshot(),
          List.of(vnode),
          (one, other) -> {
            var all = new ArrayList<>(one);
            all.addAll(other);
            return all;
          });
    }
    if (table.isStrict()) {
      assertThat(bySnapshot.keySet()).as("snapshots of a strict table").hasSize(1);
    }
    for (var entry : bySnapshot.entrySet()) {
      Predicate<String> within =
          key ->
              entry.getValue().stream()
                  .anyMatch(vnode -> table.isWithin(key, vnode.lower(), vnode.upper()));
      var part = new HashMap<>(after);
      part.keySet().removeIf(within.negate());
      assertThat(source.find(from, to, part, within))
          .as(
              "%s: the version from %d to %d that the %d rows of %d VNodes in snapshot %d are equal to",
              table.id(), from, to, part.size(), entry.getValue().size(), entry.getKey())
          .isPresent();
    }
  }

  /** Of a refresh with several snapshots the VNodes that may have been read in two of them. */
  private Set<Optional<String>> resumed(long id) throws Exception {
    var snapshots =
        home.ask(
            it -> Databases.number(it, "SELECT snapshot FROM tidemark.refreshes WHERE id = " + id));
    if (snapshots == 1 || table.isStrict()) {
      return Set.of();
    }
    var begins = vnodes(id).stream().collect(toMap(VNode::upper, VNode::lower));
    return statements.reads(id).stream()
        .filter(read -> !read.lower().equals(begins.get(read.upper())))
        .map(StatementLog.Read::upper)
        .collect(toSet());
  }

  private void checkMixture(VNode vnode, Map<String, String> after, long from, long to) {
    Predicate<String> within = key -> table.isWithin(key, vnode.lower(), vnode.upper());
    var part = new HashMap<>(after);
    part.keySet().removeIf(within.negate());
    assertThat(source.isMixture(from, to, part, within))
        .as("each row of %s was in a version from %d to %d", vnode, from, to)
        .isTrue();
  }

  private List<VNode> vnodes(long id) throws Exception {
    return home.ask(
        connection -> {
          var vnodes = new ArrayList<VNode>();
          // Index: the primary key.
          try (var statement = connection.createStatement();
              var row =
                  statement.executeQuery(
                      "SELECT lower_bound[1], upper_bound[1], snapshot, completed_at FROM tidemark.refresh_progress WHERE refresh_id = "
                          + id)) {
            while (row.next()) {
              vnodes.add(
                  new VNode(
                      Optional.ofNullable(row.getString(1)),
                      Optional.ofNullable(row.getString(2)),
                      row.getInt(3),
                      row.getTimestamp(4).toInstant()));
            }
          }
          return vnodes;
        });
  }

  /**
   * By the source's own account. Whoever lost its VNodes to others finds out when it writes, or
   * when it begins the next: until then each of its lanes may read one that others have completed.
   */
  private void checkSkipped(long id) throws Exception {
    var completed = new HashMap<Optional<String>, Instant>();
    vnodes(id).forEach(vnode -> completed.put(vnode.upper(), vnode.completed()));
    var late =
        statements.reads(id).stream()
            .filter(read -> read.at().isAfter(completed.getOrDefault(read.upper(), Instant.MAX)))
            .toList();
    var dispossessed =
        home.ask(
            it -> Databases.number(it, DISPOSSESSED.formatted(nodes.cluster.nodes().size(), id)));
    assertThat(late)
        .as("reads of VNodes that were complete, where %d executors lost theirs", dispossessed)
        .hasSizeLessThanOrEqualTo(dispossessed.intValue() * LANES);
  }

  private void checkOnce(
      long id, Map<String, String> before, Map<String, String> after, Map<String, String> versions)
      throws Exception {
    var changes =
        home.ask(
            it ->
                Databases.column(
                            it,
                            "SELECT 1 WHERE to_regclass('tidemark.delta_" + id + "') IS NOT NULL")
                        .isEmpty()
                    ? List.<Feed.Change>of()
                    : Feed.of(it, id, "k"));
    assertThat(Feed.replay(before, changes).equals(after))
        .as("the feed of %d changes, replayed", changes.size())
        .isTrue();
    var counted =
        home.ask(
            it ->
                Databases.column(
                        it,
                        "SELECT concat_ws('/', sum(rows_inserted), sum(rows_updated), sum(rows_deleted)) FROM tidemark.refresh_progress WHERE refresh_id = "
                            + id)
                    .getFirst());
    assertThat(counted)
        .as("inserted/updated/deleted as counted, and in the feed")
        .isEqualTo(
            "%d/%d/%d".formatted(count(changes, "I"), count(changes, "U"), count(changes, "D")));
    var untouched = new HashMap<>(versions);
    changes.forEach(change -> untouched.remove(change.key()));
    var now = home.ask(this::rowVersions);
    assertThat(
            untouched.entrySet().stream()
                .filter(row -> !row.getValue().equals(now.get(row.getKey()))))
        .as("rows that did not differ and were written")
        .isEmpty();
  }

  private static long count(List<Feed.Change> changes, String op) {
    return changes.stream().filter(change -> change.op().equals(op)).count();
  }

  private List<String> recoveries(long id) throws Exception {
    return home.ask(
        it ->
            Databases.column(
                it,
                "SELECT concat_ws(' ', cause, executor, round(seconds::numeric, 1)) FROM tidemark.refresh_recoveries WHERE refresh_id = "
                    + id));
  }

  @Override
  public String toString() {
    return "refresh %d of %s".formatted(lastId, table.id());
  }

  @Override
  public void close() {
    home.close();
  }
}
