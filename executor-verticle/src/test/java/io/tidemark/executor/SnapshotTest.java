package io.tidemark.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RowCounts;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the source's snapshot promises, and what follows from its loss. */
class SnapshotTest {
  private RefreshFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture = new RefreshFixture();
    fixture.vnodes(16).differing();
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  /** Leads it to its end; once, with some of it merged, the source cuts all connections. */
  private RefreshState cutOnce(long id, SoloLeader.Interruption before) throws Exception {
    var cut = new AtomicBoolean();
    return fixture.leader.lead(
        id,
        () -> {
          if (!cut.get() && fixture.completed(id) >= 4) {
            before.happen();
            RefreshFixture.terminate(fixture.databases.source);
            cut.set(true);
          }
        },
        20_000);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void strictConsistencyStartsAllVNodesAgainInANewSnapshot(boolean progressive) throws Exception {
    // Given
    if (progressive) {
      fixture.progressive();
    }
    fixture.consistency("strict");
    var before = rows();
    var id = fixture.request();
    // When: the snapshot is lost, and the source has changed what was compared already
    var end =
        cutOnce(
            id,
            () ->
                fixture.source(
                    "UPDATE public.t SET v = -2 WHERE id % 20 = 0 AND id <= 2000",
                    "DELETE FROM public.t WHERE id % 40 = 0 AND id <= 2000",
                    "DELETE FROM public.t WHERE id = 4",
                    "INSERT INTO public.t VALUES (3, 3, 'new'), (1, 1, 'was to be deleted')"));
    // Then
    assertThat(end).as(() -> "" + fixture.leader.failure(id)).isEqualTo(RefreshState.SUCCEEDED);
    assertThat(
            fixture.homeValue(
                "SELECT snapshot || ' ' || (SELECT bool_and(p.snapshot = 2) FROM"
                    + " tidemark.refresh_progress p) FROM tidemark.refreshes WHERE id = "
                    + id))
        .isEqualTo("2 true");
    fixture.assertEqual();
    // Then: the feed leads from what was to what is, and the counters are its own
    var feed = new RowCounts(fixture.counts(id).read(), ops(id, "I"), ops(id, "U"), ops(id, "D"));
    assertThat(fixture.counts(id)).isEqualTo(feed);
    assertThat(feed.read()).isEqualTo(20_000 - 50 - 1 + 2);
    if (!progressive) {
      // 950 rows of 2,000 lacking are inserted no more than once, however often they were found.
      assertThat(feed).isEqualTo(new RowCounts(19_951, 1_951, 401, 1_000));
    }
    assertThat(replayed(before, id)).isEqualTo(rows());
  }

  @ParameterizedTest
  @CsvSource({"10, FAILED", "9, SUCCEEDED"})
  void aSourceThatLosesOneSnapshotAfterTheOtherEndsARefreshThatMayNotMixThem(
      int lostBefore, RefreshState expected) throws Exception {
    // Given: as many in this attempt, and one more in the attempt before
    fixture.consistency("strict");
    var id = fixture.request();
    fixture.home(
        recoveries(id, "SNAPSHOT_LOST", "interval '2 minutes'", 1),
        recoveries(id, "RESUMED_AFTER_FAILURE", "interval '1 minute'", 1),
        recoveries(id, "SNAPSHOT_LOST", "interval '0'", lostBefore));
    // When
    var end = cutOnce(id, () -> {});
    // Then
    assertThat(end).as(() -> "" + fixture.leader.failure(id)).isEqualTo(expected);
    if (expected == RefreshState.FAILED) {
      var failure = fixture.leader.failure(id).orElseThrow();
      assertThat(failure.code()).isEqualTo(ErrorCode.SNAPSHOT_LOST);
      assertThat(failure.message()).contains("10 times and now again");
    }
  }

  private static String recoveries(long id, String cause, String ago, int number) {
    return "INSERT INTO tidemark.refresh_recoveries"
        + " (refresh_id, at, cause, stage, vnodes_completed, vnodes_released) SELECT "
        + id
        + ", now() - "
        + ago
        + ", '"
        + cause
        + "', 'MERGING', 0, 0 FROM generate_series(1, "
        + number
        + ")";
  }

  /** As after a restart of the source, where its ids begin anew. */
  @Test
  void anotherSnapshotThatHasItsIdByNowIsNotTakenForIt() throws Exception {
    // Given
    fixture.consistency("strict");
    var id = fixture.request();
    try (var other = fixture.databases.sourceAddress.connect("another")) {
      other.setAutoCommit(false);
      other.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      // When
      var end =
          cutOnce(
              id,
              () -> {
                fixture.source("UPDATE public.t SET v = -2 WHERE id % 20 = 0");
                var taken = exported(other);
                fixture.source("UPDATE public.t SET v = -3 WHERE id % 20 = 0");
                fixture.home("UPDATE tidemark.refresh_snapshots SET snapshot_id = '" + taken + "'");
              });
      // Then
      assertThat(end).isEqualTo(RefreshState.SUCCEEDED);
    }
    assertThat(fixture.homeValue("SELECT snapshot FROM tidemark.refreshes WHERE id = " + id))
        .isEqualTo("2");
    fixture.assertEqual();
  }

  private static String exported(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery("SELECT pg_export_snapshot()")) {
      row.next();
      return row.getString(1);
    }
  }

  @Test
  void truncatingTheSourceWaitsForTheRefresh() throws Exception {
    // Given
    var id = fixture.request();
    var tries = new AtomicInteger();
    // When
    var end =
        fixture.leader.lead(
            id,
            () -> {
              if (fixture.completed(id) > 0 && fixture.completed(id) < 12) {
                tries.incrementAndGet();
                assertThatThrownBy(
                        () ->
                            fixture.source(
                                "SET lock_timeout = 20", "TRUNCATE public.t", "RESET lock_timeout"))
                    .hasMessageContaining("lock timeout");
              }
            },
            20_000);
    // Then
    assertThat(end).isEqualTo(RefreshState.SUCCEEDED);
    assertThat(tries.get()).isPositive();
    assertThat(fixture.counts(id)).isEqualTo(RefreshFixture.DIFFERENCES);
    fixture.assertEqual();
  }

  private int ops(long id, String op) throws Exception {
    return Integer.parseInt(
        fixture.homeValue(
            "SELECT count(*) FROM tidemark.delta_" + id + " WHERE op = '" + op + "'"));
  }

  private Map<String, String> rows() throws Exception {
    var rows = new HashMap<String, String>();
    try (var statement = fixture.databases.home.createStatement();
        var found = statement.executeQuery("SELECT id, ROW(v, pad)::text FROM public.t")) {
      while (found.next()) {
        rows.put(found.getString(1), found.getString(2));
      }
    }
    return rows;
  }

  /** The rows after the feed; each of its changes must fit. */
  private Map<String, String> replayed(Map<String, String> before, long id) throws Exception {
    var rows = new HashMap<>(before);
    try (var statement = fixture.databases.home.createStatement();
        var changes =
            statement.executeQuery(
                "SELECT op, (row).c1, ROW((row).c2, (row).c3)::text FROM tidemark.delta_"
                    + id
                    + " ORDER BY seq")) {
      while (changes.next()) {
        var op = changes.getString(1);
        var key = changes.getString(2);
        var old = op.equals("D") ? rows.remove(key) : rows.put(key, changes.getString(3));
        assertThat(old == null).as(op + " " + key).isEqualTo(op.equals("I"));
      }
    }
    return rows;
  }
}
