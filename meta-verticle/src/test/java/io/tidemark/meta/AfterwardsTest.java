package io.tidemark.meta;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemark.common.bus.Command;
import io.tidemark.common.bus.CommandReply;
import io.tidemark.common.bus.Mutation;
import io.tidemark.common.config.TidemarkConfig;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What of a refresh stays when it has ended, and what is dropped. */
@Timeout(60)
class AfterwardsTest {
  private MetaFixture meta;

  @BeforeEach
  void open() throws Exception {
    meta = new MetaFixture();
  }

  @AfterEach
  void close() throws Exception {
    meta.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"SOURCE_KEY_DUPLICATE", "PLAN_OUTDATED"})
  void aRefreshThatFailedForGoodIsNotGoneOnWithAndItsDeltaIsDropped(ErrorCode code)
      throws Exception {
    // Given
    meta.deploy("m1", 5_000);
    var id = meta.requested();
    meta.home.execute("CREATE TYPE tidemark.delta_" + id + "_row AS (c1 bigint)");
    meta.home.execute(
        "CREATE TABLE tidemark.delta_" + id + " (seq bigint, row tidemark.delta_" + id + "_row)");
    var epoch = meta.barrierWith(new Mutation.Start(id, 1)).epoch();
    // When
    meta.acknowledge(1, epoch, ErrorReport.of(code, "no more"), id);
    // Then
    meta.until(() -> meta.state(id).equals("FAILED"));
    meta.until(() -> meta.home.value("SELECT to_regclass('tidemark.delta_" + id + "')").isEmpty());
    assertThat(((CommandReply.Done) meta.request()).refreshId()).isNotEqualTo(id);
  }

  @Test
  void whatAProgressiveRefreshAppliedBeforeItWasCancelledIsAPageOfTheFeed() throws Exception {
    // Given
    meta.deploy("m1", 5_000);
    var id = meta.progressive("(1, 'I'), (2, 'U'), (3, 'D')");
    // When
    meta.ask(new Command.Cancel(id));
    // Then
    assertThat(
            meta.home.value("SELECT state || feed_last FROM tidemark.refreshes WHERE id = " + id))
        .isEqualTo("CANCELLED2");
    meta.swept();
    assertThat(meta.home.value("SELECT to_regclass('tidemark.delta_" + id + "')")).isNotEmpty();
  }

  @Test
  void whatAProgressiveRefreshAppliedBeforeItFailedIsAPageOfTheFeedOnceItIsNotGoneOnWith()
      throws Exception {
    // Given
    meta.deploy("m1", 5_000);
    var id = meta.progressive("(1, 'I')");
    var epoch = meta.barrierWith(new Mutation.Start(id, 1)).epoch();
    meta.acknowledge(1, epoch, ErrorReport.of(ErrorCode.SOURCE_UNREACHABLE, "away"), id);
    meta.until(() -> meta.state(id).equals("FAILED"));
    assertThat(meta.home.value("SELECT feed_last FROM tidemark.refreshes WHERE id = " + id))
        .isEmpty();
    // When
    meta.home.execute(
        "UPDATE tidemark.tables SET definition = definition || '{\"key\": [\"other\"]}'");
    var next = meta.requested();
    // Then
    assertThat(next).isNotEqualTo(id);
    assertThat(meta.number("SELECT feed_last FROM tidemark.refreshes WHERE id = " + id))
        .isEqualTo(1);
    // And what fails for good is one at once
    var good = meta.barrierWith(new Mutation.Start(next, 1)).epoch();
    meta.delta(next, "(2, 'U')");
    meta.acknowledge(1, good, ErrorReport.of(ErrorCode.ROW_REFUSED, "no"), next);
    meta.until(() -> meta.state(next).equals("FAILED"));
    assertThat(meta.number("SELECT feed_last FROM tidemark.refreshes WHERE id = " + next))
        .isEqualTo(2);
    meta.swept();
    assertThat(meta.home.value("SELECT to_regclass('tidemark.delta_" + id + "')")).isNotEmpty();
  }

  @Test
  void onlyTheNewestRefreshesKeepTheirChangesTheirVNodesAndAPlaceInHistory() throws Exception {
    // Given: twelve that succeeded, each with a page and two VNodes
    meta.home.execute(
        "INSERT INTO tidemark.refreshes (table_name, incarnation, visibility, definition, state,"
            + " feed_last, finished_at) SELECT name, incarnation, 'ATOMIC', definition, 'SUCCEEDED',"
            + " 100 + i, now() FROM tidemark.tables, generate_series(1, 12) i");
    meta.home.execute(
        "INSERT INTO tidemark.refresh_progress (refresh_id, vnode, is_completed, rows_read, bytes_read)"
            + " SELECT id, v, true, id, 7 FROM tidemark.refreshes, generate_series(0, 1) v");
    meta.home.execute("CREATE TABLE tidemark.delta_6 (seq bigint)");
    meta.home.execute("CREATE TABLE tidemark.delta_12 (seq bigint)");
    var before =
        meta.home.value(
            "SELECT string_agg(h::text, ',' ORDER BY refresh_id) FROM tidemark.history h WHERE refresh_id > 4");
    // When
    meta.deploy("m1", new TidemarkConfig.Retention(3, 5, 8));
    meta.swept();
    // Then
    assertThat(
            meta.home.value("SELECT string_agg(id::text, ',' ORDER BY id) FROM tidemark.refreshes"))
        .isEqualTo("5,6,7,8,9,10,11,12");
    assertThat(
            meta.home.value(
                "SELECT string_agg(DISTINCT refresh_id::text, ',' ORDER BY refresh_id::text) FROM tidemark.refresh_progress"))
        .isEqualTo("10,11,12,8,9");
    assertThat(
            meta.home.value(
                "SELECT string_agg(h::text, ',' ORDER BY refresh_id) FROM tidemark.history h"))
        .isEqualTo(before);
    assertThat(
            meta.home.value(
                "SELECT string_agg(feed_last::text, ',' ORDER BY id) FROM tidemark.refreshes"))
        .isEqualTo("110,111,112");
    assertThat(meta.number("SELECT feed_after FROM tidemark.tables")).isEqualTo(109);
    assertThat(meta.home.value("SELECT to_regclass('tidemark.delta_12')")).isNotEmpty();
    // Superfluous tables are dropped in no order.
    meta.until(() -> meta.home.value("SELECT to_regclass('tidemark.delta_6')").isEmpty());
  }

  @Test
  void deletesThatAreSkippedAreInTheGuardsReportAndNotInTheCounts() throws Exception {
    // Given
    meta.home.execute(
        "UPDATE tidemark.tables SET definition = definition || '{\"guard\": {\"on-trip\":"
            + " \"skip-deletes\"}}'");
    var meters = new SimpleMeterRegistry();
    meta.deploy("m1", 5_000, TidemarkConfig.Retention.DEFAULT, meters);
    var id = meta.requested();
    meta.delta(id, "(1, 'D')");
    meta.plan(id, 1);
    // When
    meta.home.execute(
        "UPDATE tidemark.refresh_progress SET is_completed = true, stage = 'CLEANUP', rows_read = 100,"
            + " rows_deleted = 500");
    // Then
    meta.until(() -> meta.state(id).equals("FINISHING"));
    assertThat(meta.home.value("SELECT guard->>'skipped' FROM tidemark.refreshes"))
        .isEqualTo("500");
    assertThat(meta.home.value("SELECT rows_deleted FROM tidemark.progress")).isEqualTo("0");
    meta.barrierWith(new Mutation.Finish(id, 1));
    meta.until(
        () -> {
          // Whichever barrier is out.
          meta.acknowledge(1, Long.MAX_VALUE, null, id);
          var gauge = meters.find("tidemark.vnodes").tag("stage", "CLEANUP").gauge();
          return gauge != null && gauge.value() == 1;
        });
    meta.home.execute("UPDATE tidemark.refreshes SET state = 'SUCCEEDED', finished_at = now()");
    meta.until(() -> meters.find("tidemark.refreshes").counter() != null);
    assertThat(meters.get("tidemark.rows").tag("op", "read").counter().count()).isEqualTo(100);
    assertThat(meters.get("tidemark.rows").tag("op", "deleted").counter().count()).isZero();
  }

  @Test
  void whatATableOfTheSameNameFoundBeforeIsDropped() throws Exception {
    // Given
    meta.deploy("m1", 5_000);
    var id = meta.requested();
    meta.home.execute("CREATE TABLE tidemark.delta_" + id + " (seq bigint)");
    meta.acknowledge(
        1,
        meta.barrierWith(new Mutation.Start(id, 1)).epoch(),
        ErrorReport.of(ErrorCode.SOURCE_UNREACHABLE, "away"),
        id);
    meta.until(() -> meta.state(id).equals("FAILED"));
    // When
    meta.home.execute("DELETE FROM tidemark.tables");
    meta.home.execute(
        "INSERT INTO tidemark.tables (name, definition) VALUES ('orders', '"
            + MetaFixture.DEFINITION
            + "')");
    var next = meta.requested();
    meta.ask(new Command.Cancel(next));
    // Then
    assertThat(next).isNotEqualTo(id);
    meta.until(() -> meta.home.value("SELECT to_regclass('tidemark.delta_" + id + "')").isEmpty());
  }
}
