package io.tidemark.common.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.PGConnection;

/** What somebody who has only psql can do and see. */
class SqlFaceTest {
  private static final String DEFINITION =
      """
      {"name": "orders", "visibility": "progressive", "schedule": {"every": "15m"},
       "source": {"type": "postgres", "url": "postgresql://shop/shop", "password": "${env:SECRET}"}}
      """;

  private static EmbeddedPostgres postgres;
  private static PostgresAddress address;

  private Connection home;

  @BeforeAll
  static void startPostgres() throws IOException {
    postgres = EmbeddedPostgres.builder().start();
    address =
        new PostgresAddress(
            "localhost", postgres.getPort(), "postgres", "postgres", Optional.empty(), Map.of());
    HomeSchema.migrate(address);
  }

  @AfterAll
  static void stopPostgres() throws IOException {
    postgres.close();
  }

  @BeforeEach
  void defineTables() throws SQLException {
    home = address.connect("test");
    run("TRUNCATE tidemark.tables, tidemark.refreshes CASCADE");
    try (var insert =
        home.prepareStatement(
            "INSERT INTO tidemark.tables (name, definition) VALUES (?, ?::jsonb)")) {
      insert.setString(1, "orders");
      insert.setString(2, DEFINITION);
      insert.execute();
      insert.setString(1, "cities");
      insert.setString(2, "{\"name\": \"cities\"}");
      insert.execute();
    }
  }

  @AfterEach
  void disconnect() throws SQLException {
    home.close();
  }

  @Test
  void aRefreshIsAskedForWithTheDefinitionOfThatMoment() throws SQLException {
    var id = one("SELECT tidemark.refresh('orders')");

    assertThat(
            row(
                """
                SELECT table_name, state, trigger, dry_run, visibility, attempts,
                       definition = (SELECT definition FROM tidemark.tables WHERE name = 'orders')
                  FROM tidemark.refreshes WHERE id =
                """
                    + id))
        .containsExactly("orders", "REFRESHING", "SQL", "f", "PROGRESSIVE", "1", "t");
  }

  @Test
  void visibilityIsAtomicWhereTheDefinitionNamesNone() throws SQLException {
    one("SELECT tidemark.refresh('cities')");

    assertThat(row("SELECT visibility, dry_run FROM tidemark.refreshes"))
        .containsExactly("ATOMIC", "f");
  }

  @Test
  void aDryRunIsAtomicWhateverTheTableIs() throws SQLException {
    one("SELECT tidemark.refresh('orders', dry_run => true)");

    assertThat(row("SELECT visibility, dry_run FROM tidemark.refreshes"))
        .containsExactly("ATOMIC", "t");
  }

  @Test
  void aFullReadIsAskedForByName() throws SQLException {
    one("SELECT tidemark.refresh('orders', full => true)");
    one("SELECT tidemark.refresh('cities')");

    assertThat(row("SELECT string_agg(full_read::text, ' ' ORDER BY id) FROM tidemark.refreshes"))
        .containsExactly("true false");
  }

  @Test
  void whatIsResumedKeepsItsFullReadAndMayHaveWrittenToItsTarget() throws SQLException {
    // Given
    run("UPDATE tidemark.tables SET target = 'a' WHERE name = 'orders'");
    one("SELECT tidemark.refresh('orders', full => true)");
    run(
        "UPDATE tidemark.refreshes SET plan = '{}'",
        "INSERT INTO tidemark.target_versions SELECT 'a', 'x', 1, 1, '{}', 'v', '{}', 0, 0, false");
    fail("SOURCE_UNREACHABLE");
    // When
    one("SELECT tidemark.refresh('orders')");
    // Then
    assertThat(row("SELECT attempts, full_read FROM tidemark.refreshes")).containsExactly("2", "t");
    assertThat(one("SELECT count(*) FROM tidemark.target_versions")).isEqualTo("0");
  }

  @Test
  void aTableThatNobodyDefinedIsNamedInTheError() {
    assertThatThrownBy(() -> one("SELECT tidemark.refresh('odrers')"))
        .hasMessageContaining("tidemark knows no table 'odrers'")
        .hasMessageContaining("tidemark.status")
        .extracting(error -> ((SQLException) error).getSQLState())
        .isEqualTo("42P01");
    assertThatThrownBy(() -> one("SELECT tidemark.refresh(NULL)"))
        .hasMessageContaining("tidemark knows no table NULL");
  }

  @Test
  void aSecondRefreshIsToldTheIdOfTheFirst() throws SQLException {
    var id = one("SELECT tidemark.refresh('orders')");

    assertThatThrownBy(() -> one("SELECT tidemark.refresh('orders')"))
        .hasMessageContaining("table 'orders' is already refreshing (id " + id + ")")
        .extracting(error -> ((SQLException) error).getSQLState())
        .isEqualTo("55006");
    assertThat(one("SELECT count(*) FROM tidemark.refreshes")).isEqualTo("1");
  }

  @Test
  void anEndedRefreshIsNoObstacle() throws SQLException {
    one("SELECT tidemark.refresh('orders')");
    run("UPDATE tidemark.refreshes SET state = 'FAILED', finished_at = now()");

    one("SELECT tidemark.refresh('orders')");

    assertThat(one("SELECT count(*) FROM tidemark.refreshes")).isEqualTo("2");
  }

  @ParameterizedTest
  @CsvSource({"SOURCE_UNREACHABLE, true", "TARGET_CHANGED, false", "PLAN_OUTDATED, false"})
  void aFailedRefreshIsGoneOnWithWhereItCanBe(String code, boolean resumed) throws SQLException {
    var id = one("SELECT tidemark.refresh('orders')");
    fail(code);

    var next = one("SELECT tidemark.refresh('orders')");

    assertThat(next.equals(id)).isEqualTo(resumed);
    assertThat(one("SELECT state || attempts FROM tidemark.refreshes ORDER BY id DESC LIMIT 1"))
        .isEqualTo(resumed ? "REFRESHING2" : "REFRESHING1");
    assertThat(one("SELECT count(*) FROM tidemark.refresh_recoveries WHERE refresh_id = " + id))
        .isEqualTo(resumed ? "1" : "0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"guard\": {\"on-trip\": \"fail\"}, \"timeout\": \"9h\", \"vnodes\": 7} | true",
        "{\"schedule\": {\"every\": \"1h\"}, \"throttle\": {\"rows-per-second\": 5}} | true",
        "{\"target\": \"public.other\"} | false",
        "{\"key\": [\"id\"]} | false",
        "{\"visibility\": \"atomic\"} | false",
        "{\"source\": {\"type\": \"postgres\", \"url\": \"x\", \"where\": \"true\"}} | false",
        "{\"source\": {\"type\": \"postgres\", \"url\": \"postgresql://shop/shop\","
            + " \"password\": \"new\"}} | true"
      })
  void onlyAChangeOfPolicyLetsAFailedRefreshGoOn(String change, boolean resumed)
      throws SQLException {
    var id = one("SELECT tidemark.refresh('orders')");
    fail("SOURCE_UNREACHABLE");
    run(
        "UPDATE tidemark.tables SET definition = definition || '"
            + change
            + "' WHERE name = 'orders'");

    var next = one("SELECT tidemark.refresh('orders')");

    assertThat(next.equals(id)).isEqualTo(resumed);
    assertThat(
            one(
                "SELECT r.definition = t.definition FROM tidemark.refreshes r JOIN tidemark.tables"
                    + " t ON t.name = r.table_name WHERE r.id = "
                    + next))
        .isEqualTo("t");
  }

  @Test
  void aTableThatIsDefinedAgainGoesOnWithNothingOfTheOneBefore() throws SQLException {
    var id = one("SELECT tidemark.refresh('orders')");
    fail("SOURCE_UNREACHABLE");
    run(
        "CREATE TEMP TABLE again AS SELECT name, definition FROM tidemark.tables",
        "DELETE FROM tidemark.tables",
        "INSERT INTO tidemark.tables (name, definition) SELECT * FROM again",
        "DROP TABLE again");

    assertThat(one("SELECT tidemark.refresh('orders')")).isNotEqualTo(id);
  }

  @Test
  void noTwoActiveRefreshesHaveTheSameTarget() throws SQLException {
    run("UPDATE tidemark.tables SET target = 'a' WHERE name = 'orders'");
    var id = one("SELECT tidemark.refresh('orders')");
    run(
        "UPDATE tidemark.tables SET target = 'b' WHERE name = 'orders'",
        "UPDATE tidemark.tables SET target = 'a' WHERE name = 'cities'");

    assertThatThrownBy(() -> one("SELECT tidemark.refresh('cities')"))
        .hasMessageContaining("table 'orders', which shared the target of 'cities'")
        .hasMessageContaining("(id " + id + ")");
  }

  @Test
  void aPlaceholderForVisibilityIsRefusedRatherThanStored() throws SQLException {
    run("UPDATE tidemark.tables SET definition = '{\"visibility\": \"${env:V}\"}'");

    assertThatThrownBy(() -> one("SELECT tidemark.refresh('orders')"))
        .hasMessageContaining("visibility of table 'orders' is a placeholder");
  }

  @Test
  void whoListensIsNotified() throws SQLException {
    run("LISTEN tidemark");

    var id = one("SELECT tidemark.refresh('orders')");

    var notifications = home.unwrap(PGConnection.class).getNotifications(10_000);
    assertThat(notifications).singleElement().extracting("parameter").isEqualTo(id);
  }

  @Test
  void onlyWhoIsGrantedItMayRefresh() throws SQLException {
    run(
        "DROP ROLE IF EXISTS caller",
        "CREATE ROLE caller",
        "GRANT USAGE ON SCHEMA tidemark TO caller");
    run("SET ROLE caller");
    assertThatThrownBy(() -> one("SELECT tidemark.refresh('orders')"))
        .hasMessageContaining("permission denied");

    run("RESET ROLE", "GRANT EXECUTE ON FUNCTION tidemark.refresh TO caller", "SET ROLE caller");

    assertThat(one("SELECT tidemark.refresh('orders')")).isNotEmpty();
    run("RESET ROLE", "DROP OWNED BY caller", "DROP ROLE caller");
  }

  @Test
  void statusShowsEveryTableIdleOrNot() throws SQLException {
    var id = one("SELECT tidemark.refresh('orders')");

    assertThat(
            row(
                "SELECT state, refresh_id, schedule, last_result FROM tidemark.status WHERE table_name = 'orders'"))
        .containsExactly("REFRESHING", id, "every 15m", null);
    assertThat(
            row(
                "SELECT state, refresh_id, schedule FROM tidemark.status WHERE table_name = 'cities'"))
        .containsExactly("IDLE", null, "on demand");
  }

  @Test
  void statusShowsTheLastEndAndTheLastSuccess() throws SQLException {
    one("SELECT tidemark.refresh('orders')");
    run("UPDATE tidemark.refreshes SET state = 'SUCCEEDED', finished_at = '2026-01-01Z'");
    one("SELECT tidemark.refresh('orders')");
    run(
        """
        UPDATE tidemark.refreshes
           SET state = 'FAILED', finished_at = '2026-01-02Z',
               error = '{"code": "SOURCE_UNREACHABLE", "message": "no answer", "hint": "Again."}'
         WHERE state = 'REFRESHING'
        """);

    assertThat(
            row(
                """
                SELECT state, last_result, last_error_code, last_error, hint,
                       last_success_at = '2026-01-01Z', last_finished_at = '2026-01-02Z'
                  FROM tidemark.status WHERE table_name = 'orders'
                """))
        .containsExactly("IDLE", "FAILED", "SOURCE_UNREACHABLE", "no answer", "Again.", "t", "t");
  }

  @Test
  void progressSumsTheVNodes() throws SQLException {
    var id = one("SELECT tidemark.refresh('orders')");
    run("UPDATE tidemark.refreshes SET plan = '{}'");
    run(
        """
        INSERT INTO tidemark.refresh_progress
               (refresh_id, vnode, rows_planned, is_completed, rows_read, rows_updated, owner)
        SELECT %s, vnode, 100, completed, read, updated, owner
          FROM (VALUES (0, true, 100, 7, 'e1'), (1, false, 50, 1, 'e1'), (2, false, 0, 0, NULL),
                       (3, false, 0, 0, NULL)) v(vnode, completed, read, updated, owner)
        """
            .formatted(id));

    assertThat(
            row(
                """
                SELECT refresh_id, stage, percent, vnodes_total, vnodes_completed, vnodes_working,
                       rows_planned, rows_read, rows_updated, executors
                  FROM tidemark.progress
                """))
        .containsExactly(id, "MERGING", "37.5", "4", "1", "1", "400", "150", "8", "{e1}");
  }

  @Test
  void percentNeverGoesBackWhereVNodesStartAgain() throws SQLException {
    var id = one("SELECT tidemark.refresh('orders')");
    run("UPDATE tidemark.refreshes SET percent = 60");
    run("INSERT INTO tidemark.refresh_progress (refresh_id, vnode) VALUES (" + id + ", 0)");

    assertThat(one("SELECT percent FROM tidemark.progress")).isEqualTo("60.0");
  }

  @Test
  void percentNeverGoesBackWhereVNodesStartAgainBetweenTwoCommits() throws SQLException {
    var id = one("SELECT tidemark.refresh('orders')");
    run(
        "INSERT INTO tidemark.refresh_progress (refresh_id, vnode, rows_planned, is_completed)"
            + " SELECT "
            + id
            + ", v, 100, v < 3 FROM generate_series(0, 3) v");
    assertThat(one("SELECT percent FROM tidemark.progress")).isEqualTo("75.0");

    new RefreshProgressTable(Long.parseLong(id)).restart(home, false);

    assertThat(row("SELECT percent, vnodes_completed FROM tidemark.progress"))
        .containsExactly("75.0", "0");
  }

  @Test
  void deletesThatTheGuardSkippedAreNotShownAsDeleted() throws SQLException {
    var id = one("SELECT tidemark.refresh('orders')");
    run(
        "INSERT INTO tidemark.refresh_progress (refresh_id, vnode, rows_deleted) VALUES ("
            + id
            + ", 0, 30), ("
            + id
            + ", 1, 5)",
        "UPDATE tidemark.refreshes SET skip_deletes = true");

    assertThat(one("SELECT rows_deleted FROM tidemark.progress")).isEqualTo("0");
    assertThat(row("SELECT rows_deleted, deletes_skipped FROM tidemark.history"))
        .containsExactly("0", "35");
  }

  @Test
  void historyKeepsWhatEnded() throws SQLException {
    one("SELECT tidemark.refresh('orders')");
    run(
        """
        UPDATE tidemark.refreshes
           SET state = 'SUCCEEDED', started_at = '2026-01-01 10:00Z', finished_at = '2026-01-01 10:02Z'
        """);

    assertThat(row("SELECT state, trigger, duration, error_code, recoveries FROM tidemark.history"))
        .containsExactly("SUCCEEDED", "SQL", "00:02:00", null, "0");
    assertThat(one("SELECT count(*) FROM tidemark.progress")).isEqualTo("0");
  }

  @Test
  void noViewShowsADefinition() throws SQLException {
    assertThat(
            one(
                """
                SELECT count(*) FROM information_schema.columns c
                  JOIN information_schema.views v USING (table_schema, table_name)
                 WHERE table_schema = 'tidemark' AND column_name IN ('definition', 'plan')
                """))
        .isEqualTo("0");
  }

  private void fail(String code) throws SQLException {
    run(
        "UPDATE tidemark.refreshes SET state = 'FAILED', finished_at = now(),"
            + " error = '{\"retryable\": true, \"code\": \""
            + code
            + "\"}'");
  }

  private void run(String... statements) throws SQLException {
    try (var statement = home.createStatement()) {
      for (var sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private String one(String query) throws SQLException {
    return row(query).getFirst();
  }

  private List<String> row(String query) throws SQLException {
    try (var statement = home.createStatement();
        var rows = statement.executeQuery(query)) {
      assertThat(rows.next()).isTrue();
      var values = new ArrayList<String>();
      for (var i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
        values.add(rows.getString(i));
      }
      assertThat(rows.next()).isFalse();
      return values;
    }
  }
}
