package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.refresh.RecoveryCause;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RefreshView;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each connector's refresh ends right though its executor is killed while it loads, merges, and
 * finishes. In each build for one connector; {@code test-suite/chaos/sources} runs all.
 */
class SourceKillTest {
  /** A regular expression that kinds must match; absent: the core. */
  private static final String KINDS = "source.kinds";

  private static final int ROWS = 2_000;

  /** Names the lock that holds up what is written into a table. */
  private static final int HELD = 4_711;

  /** Each table of that name will wait, statement by statement, for who has the lock. */
  private static final String HOLD_UP =
      """
      CREATE FUNCTION public.hold_up() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_advisory_xact_lock_shared(%d);
        RETURN NULL;
      END $$;
      CREATE FUNCTION public.watch() RETURNS event_trigger LANGUAGE plpgsql AS $$
      DECLARE made record;
      BEGIN
        FOR made IN SELECT * FROM pg_event_trigger_ddl_commands()
            WHERE object_identity ~ '^tidemark[.](staging|delta)_[0-9]+$' LOOP
          IF made.object_identity LIKE 'tidemark.' || current_setting('test.held', true) || '%%' THEN
            EXECUTE format('CREATE TRIGGER hold_up BEFORE INSERT ON %%s EXECUTE FUNCTION public.hold_up()',
              made.object_identity);
          END IF;
        END LOOP;
      END $$;
      CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('CREATE TABLE')
        EXECUTE FUNCTION public.watch()
      """
          .formatted(HELD);

  /** Where the executor is when it is killed. */
  enum Moment {
    LOADING("staging", "SELECT owner FROM tidemark.refresh_splits WHERE NOT is_completed"),
    MERGING("delta", "SELECT owner FROM tidemark.refresh_progress WHERE NOT is_completed"),
    FINISHING("none", "SELECT work_owner AS owner FROM tidemark.refreshes WHERE true");

    private final String held;
    private final String owners;

    Moment(String held, String owners) {
      this.held = held;
      this.owners = owners;
    }
  }

  @TempDir Path folder;
  private Databases databases;
  private String members;
  private Path config;
  private final Map<String, TidemarkProcess> executors = new HashMap<>();
  private Optional<TidemarkServer> server = Optional.empty();

  @BeforeEach
  void open() throws Exception {
    databases = new Databases();
    members = ClusterNodes.members();
    Databases.execute(databases.home, HOLD_UP);
  }

  @AfterEach
  void close() throws Exception {
    executors.values().forEach(TidemarkProcess::close);
    server.ifPresent(TidemarkServer::close);
    databases.close();
  }

  static List<SourceKind> kinds() {
    var wanted = Pattern.compile(System.getProperty(KINDS, "^CSV$"));
    return Arrays.stream(SourceKind.values())
        .filter(kind -> wanted.matcher(kind.name()).find())
        .toList();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aRefreshEndsRightWhereverItsExecutorIsKilled(SourceKind kind) throws Exception {
    try (var source = kind.open(folder, databases)) {
      var rows = version(0);
      source.replace(rows);
      start(source);
      refresh(rows, new TreeMap<>());
      var number = 0;
      for (var moment : Moment.values()) {
        number++;
        var next = version(number);
        source.replace(next);
        killed(moment, next, rows);
        rows = next;
        refresh(rows, rows);
      }
    }
  }

  /** Some rows of each version are no longer there in the next, some are other, some are new. */
  private static SortedMap<Integer, String> version(int number) {
    var rows = new TreeMap<Integer, String>();
    IntStream.range(number * 100, ROWS + number * 130)
        .forEach(id -> rows.put(id, "v" + (id % 3 == 0 ? number : 0) + "-" + id));
    return rows;
  }

  private void start(ChangingSource source) throws Exception {
    config =
        Files.writeString(
            folder.resolve("tidemark.yaml"),
            """
            home: "%s"
            meta: {barrier-interval: 200ms, lease: 2s}
            executor: {lanes: 2, retry-for: 3s}
            tables:
              - name: t
                source: %s
                target: public.t
                key: [id]
                vnodes: 8
            """
                .formatted(databases.homeAddress.url(), source.definition()));
    var leader = begin("a", "frontend,meta");
    startExecutor("b");
    startExecutor("c");
    server = Optional.of(leader.ready());
    awaitExecutors();
  }

  private TidemarkServer.Starting begin(String name, String roles) throws Exception {
    return TidemarkServer.begin(
        folder, config, "--node-id", name, "--cluster", members, "--roles", roles);
  }

  private void startExecutor(String name) throws Exception {
    executors.put(name, begin(name, "executor").process());
  }

  private void awaitExecutors() throws Exception {
    Until.holds("both executors are known", () -> ClusterNodes.live(server()) == 2);
  }

  private TidemarkServer server() {
    return server.orElseThrow();
  }

  private void refresh(SortedMap<Integer, String> rows, SortedMap<Integer, String> before)
      throws Exception {
    assertDone(server().await(server().refresh("t"), RefreshState.SUCCEEDED), rows, before);
  }

  private void killed(
      Moment moment, SortedMap<Integer, String> rows, SortedMap<Integer, String> before)
      throws Exception {
    Databases.execute(
        databases.home,
        "ALTER DATABASE %s SET test.held = '%s'"
            .formatted(databases.homeAddress.database(), moment.held));
    long id;
    String victim;
    try (var holder = databases.homeAddress.connect("test")) {
      hold(moment, holder);
      id = server().refresh("t");
      Until.holds("it is " + moment, () -> isHeld() && owner(moment).isPresent());
      victim = owner(moment).orElseThrow();
      executors.get(victim).kill();
    }
    if (moment != Moment.FINISHING) {
      var recovered = server().await(id, "recovered", view -> !view.recoveries().isEmpty());
      assertThat(recovered.recoveries().getFirst().cause()).isEqualTo(RecoveryCause.EXECUTOR_LOST);
      assertThat(recovered.recoveries().getFirst().executor()).startsWith(victim + "-");
    }
    assertDone(server().await(id, RefreshState.SUCCEEDED), rows, before);
    startExecutor(victim);
    awaitExecutors();
  }

  /** Until that connection is closed nobody gets beyond that moment. */
  private static void hold(Moment moment, Connection holder) throws SQLException {
    holder.setAutoCommit(false);
    Databases.execute(
        holder,
        moment == Moment.FINISHING
            ? "LOCK TABLE public.t IN SHARE MODE"
            : "SELECT pg_advisory_xact_lock(" + HELD + ")");
  }

  private boolean isHeld() throws Exception {
    return Databases.number(
            databases.home,
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ('advisory', 'relation')"
                + " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
        > 0;
  }

  private Optional<String> owner(Moment moment) throws Exception {
    return Databases.column(
            databases.home,
            "SELECT split_part(owner, '-', 1) FROM ("
                + moment.owners
                + ") o WHERE owner IS NOT NULL")
        .stream()
        .findFirst();
  }

  private void assertDone(
      RefreshView done, SortedMap<Integer, String> rows, SortedMap<Integer, String> before)
      throws Exception {
    var counts = done.rows();
    assertThat(List.of(counts.inserted(), counts.updated(), counts.deleted()))
        .as("inserted, updated, deleted: %s", done)
        .containsExactly(
            rows.keySet().stream().filter(id -> !before.containsKey(id)).count(),
            rows.entrySet().stream()
                .filter(row -> before.containsKey(row.getKey()))
                .filter(row -> !row.getValue().equals(before.get(row.getKey())))
                .count(),
            before.keySet().stream().filter(id -> !rows.containsKey(id)).count());
    assertThat(Databases.column(databases.home, "SELECT id || ' ' || v FROM public.t ORDER BY id"))
        .isEqualTo(
            rows.entrySet().stream().map(row -> row.getKey() + " " + row.getValue()).toList());
  }
}
